//! Which registries the stack needs, and for which images.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use backstay_core::stack::{Model, Service};
use serde_json::Value;

use super::dockerfile::{Base, bases};

/// The images by registry; under `None` those of the default registry.
pub(super) type Wanted = BTreeMap<Option<String>, BTreeSet<Base>>;

/// What the stack pulls, and what its builds begin from.
pub(super) fn wanted(model: &Model, default: Option<&str>) -> Wanted {
    let mut wanted = Wanted::new();
    for service in model.services.values() {
        let images = if service.is_application() {
            of_build(service)
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

fn of_build(service: &Service) -> BTreeSet<Base> {
    let build = service.raw.get("build").unwrap_or(&Value::Null);
    let text = |key: &str| build.get(key).and_then(Value::as_str);
    let inline = text("dockerfile_inline").map(str::to_owned);
    let dockerfile = inline.or_else(|| {
        let context = Path::new(text("context")?);
        // A context that is fetched has its Dockerfile elsewhere.
        std::fs::read_to_string(context.join(text("dockerfile").unwrap_or("Dockerfile"))).ok()
    });
    let arguments = build.get("args").and_then(Value::as_object).into_iter().flatten();
    let arguments = arguments.filter_map(|(name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (!value.is_empty() && value != "null").then(|| (name.clone(), value))
    });
    let named = build.get("additional_contexts").and_then(Value::as_object);
    let replaced = |base: &Base| named.is_some_and(|names| names.contains_key(&base.image));
    let mut found = bases(&dockerfile.unwrap_or_default(), &arguments.collect());
    found.retain(|base| !replaced(base));
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
}
