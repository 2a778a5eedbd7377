//! Data: services that are well-known servers and whose data nobody has spoken of.

use backstay_core::stack::{Model, Preset, Service};
use serde_json::json;

use super::about::About;
use super::finding::Finding;
use crate::i18n::{Language, t};

pub(super) fn check(about: &About) -> Vec<Finding> {
    about.model.iter().flat_map(|model| suggested(about.lang, model)).collect()
}

/// Says of each such service what would save its data with every release.
pub(crate) fn suggested(lang: Language, model: &Model) -> Vec<Finding> {
    let found = silent(model);
    let findings = found.into_iter().map(|(service, preset)| {
        let name = &service.name;
        let text = t!(lang, "doctor-data", service = name, server = preset.name);
        let block = format!("x-backstay: {{data: {{dump: {}}}}}", preset.name);
        let hint = t!(lang, "doctor-hint-data", service = name, block = block);
        Finding::warning("data", text)
            .hint(hint)
            .facts(json!({"service": name, "preset": preset.name}))
    });
    findings.collect()
}

/// The services that a preset is for, without data of their own and with a volume that is not saved either.
fn silent(model: &Model) -> Vec<(&Service, &'static Preset)> {
    let is_saved = |service: &Service| {
        let mut mounts = service.mounts.iter();
        service.data.is_some() || mounts.any(|mount| model.data.contains_key(&mount.source))
    };
    let services = model.services.values().filter(|service| {
        !is_saved(service) && service.build.is_none() && !service.mounts.is_empty()
    });
    services.filter_map(|service| Some((service, Preset::for_image(&service.image)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_servers_with_volumes_that_nobody_spoke_of_are_named() {
        let yaml = "name: s\nservices:\n  \
            db: {image: 'postgres:16', volumes: [{type: volume, source: rows, target: /r}]}\n  \
            said: {image: 'mysql:8', volumes: [{type: volume, source: r2, target: /r}], x-backstay: {data: {dump: mysql}}}\n  \
            copied: {image: 'redis:7', volumes: [{type: volume, source: r3, target: /r}]}\n  \
            cache: {image: 'redis:7'}\n  \
            web: {image: 'nginx:1', volumes: [{type: volume, source: w, target: /w}]}\n\
            volumes: {rows: {}, r2: {}, r3: {x-backstay: {data: {copy: stop}}}, w: {}}\n";
        let model = Model::parse(yaml).unwrap();
        let found = silent(&model);
        let names: Vec<_> = found.iter().map(|(s, p)| (s.name.as_str(), p.name)).collect();
        assert_eq!(names, [("db", "postgres")]);
    }
}
