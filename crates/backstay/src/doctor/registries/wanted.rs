//! Which registries the stack needs, and for which images.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use backstay_core::stack::{Base, Model, Service, build_bases, familiar};

/// The images by registry; under `None` those of the default registry.
pub(super) type Wanted = BTreeMap<Option<String>, BTreeSet<Base>>;

/// What the stack pulls, and what its builds begin from.
pub(super) fn wanted(model: &Model, default: Option<&str>) -> Wanted {
    let mut wanted = Wanted::new();
    for service in model.services.values() {
        let images = if service.is_application() {
            of_build(model, service)
        } else {
            BTreeSet::from([Base { image: service.image.clone(), syntax: false }])
        };
        for base in images {
            let registry = registry(&base.image).filter(|name| Some(name.as_str()) != default);
            wanted.entry(registry).or_default().insert(base);
        }
    }
    wanted
}

/// The registry that a reference names: the part before the first slash, where it has a dot, a colon, or is `localhost`.
fn registry(image: &str) -> Option<String> {
    let (first, _) = image.split_once('/')?;
    (first.contains(['.', ':']) || first == "localhost").then(|| first.to_owned())
}

/// What its build begins from and no other service of the stack builds.
fn of_build(model: &Model, service: &Service) -> BTreeSet<Base> {
    let read = |path: &Path| std::fs::read_to_string(path).ok();
    let mut found = build_bases(service, &read).unwrap_or_default();
    let others = model.services.values().filter(|other| other.name != service.name);
    let built: BTreeSet<String> = others
        .filter_map(|other| Some((&other.image, &other.build.as_ref()?.tags)))
        .flat_map(|(image, tags)| tags.iter().chain([image]).map(|name| familiar(name)))
        .collect();
    found.retain(|base| base.syntax || !built.contains(&familiar(&base.image)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_sorted_by_their_registry() {
        let yaml = "name: x\nservices:\n  a: {image: 'redis:7'}\n  b: {image: 'reg.test:5000/b/c'}\n  \
                    c: {image: mine, build: {context: /nowhere, dockerfile_inline: 'FROM mcr.test/y:1'}}\n  \
                    d: {image: 'hub.test/library/d'}\n  e: {image: 'user/e'}\n";
        let model = Model::parse(yaml).unwrap();
        let found = wanted(&model, Some("hub.test"));
        let names = |key: Option<&str>| -> Vec<&str> {
            found[&key.map(str::to_owned)].iter().map(|base| base.image.as_str()).collect()
        };
        assert_eq!(names(None), ["hub.test/library/d", "redis:7", "user/e"]);
        assert_eq!(names(Some("reg.test:5000")), ["reg.test:5000/b/c"]);
        assert_eq!(names(Some("mcr.test")), ["mcr.test/y:1"]);
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn a_base_that_another_service_builds_is_on_no_registry() {
        let yaml = "name: x\nservices:\n  base: {image: 'reg.test/base:1', build: {dockerfile_inline: 'FROM scratch'}}\n  \
                    app: {build: {dockerfile_inline: 'FROM reg.test/base:1'}}\n";
        assert!(wanted(&Model::parse(yaml).unwrap(), None).is_empty());
    }
}
