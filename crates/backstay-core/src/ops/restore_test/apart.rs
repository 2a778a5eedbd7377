//! The model of a release as a stack beside the one that runs: another project, to which nothing leads from outside and which
//! leads to nothing of the other one's.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::digest::digest;
use crate::plan::{PROXY_VARIABLES, REHEARSAL_VARIABLE, rehearse_environment};
use crate::stack::HELD;

/// What a service has that only one can have, or that others find it by; and what says how its image is made.
const DROPPED: [&str; 11] = [
    "build",
    "container_name",
    "develop",
    "external_links",
    "labels",
    "mac_address",
    "ports",
    HELD,
    "profiles",
    "pull_policy",
    "scale",
];

/// What becomes of a file or folder of the host that a service mounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mounted {
    /// It is the release's own: a copy, here.
    Copy(PathBuf),
    /// It is the machine's, and can be read.
    Read,
    /// A folder that services write: an empty one, which all have in common that mount it.
    Empty,
}

/// A stack made of another one's model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Apart {
    /// Its compose file.
    pub text: String,
    /// Services that can't run beside those that run, and the key that says so.
    pub left_out: Vec<(String, String)>,
}

/// Makes `model` (its services that `image` has an image for) a project of this name.
pub(crate) fn apart(
    model: &Value,
    project: &str,
    image: &dyn Fn(&str) -> Option<String>,
    mounted: &dyn Fn(&Path) -> Mounted,
) -> Apart {
    let mut services = Map::new();
    let mut left_out = Vec::new();
    for (name, service) in entries(model, "services") {
        let Some(image) = image(name) else { continue };
        if let Some(key) = shared(service) {
            left_out.push((name.clone(), key));
            continue;
        }
        services.insert(name.clone(), of_service(service, &image, mounted));
    }
    let names: Vec<String> = services.keys().cloned().collect();
    for service in services.values_mut() {
        let needs = service.get_mut("depends_on").and_then(Value::as_object_mut);
        needs.into_iter().for_each(|needs| needs.retain(|name, _| names.contains(name)));
    }
    let folders = folders_of(services.values());
    let mut text = Map::new();
    text.insert("name".to_owned(), json!(project));
    text.insert("services".to_owned(), Value::Object(services));
    let networks = entries(model, "networks").map(|(name, network)| {
        // With an address range of its own, so that none is taken twice.
        let is_internal = network.get("internal").and_then(Value::as_bool).unwrap_or_default();
        (name.clone(), json!({ "internal": is_internal }))
    });
    text.insert("networks".to_owned(), Value::Object(networks.collect()));
    let mut empty: Map<_, _> =
        entries(model, "volumes").map(|(name, _)| (name.clone(), json!({}))).collect();
    empty.extend(folders.into_iter().map(|name| (name, json!({}))));
    text.insert("volumes".to_owned(), Value::Object(empty));
    for part in ["configs", "secrets"] {
        let files = entries(model, part).map(|(name, file)| {
            let mut file = file.clone();
            if let Some(file) = file.as_object_mut() {
                file.remove("name");
                if let Some(path) = file.get_mut("file") {
                    set_copy(path, mounted);
                }
            }
            (name.clone(), file)
        });
        text.insert(part.to_owned(), Value::Object(files.collect()));
    }
    Apart { text: format!("{:#}", Value::Object(text)), left_out }
}

fn entries<'a>(model: &'a Value, part: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    model.get(part).and_then(Value::as_object).into_iter().flatten()
}

/// The key by which a service shares with the machine, or with somebody else's container, what only one can have.
fn shared(service: &Value) -> Option<String> {
    ["network_mode", "pid", "ipc"].into_iter().find_map(|key| {
        let mode = service.get(key)?.as_str()?;
        let is_shared = mode.starts_with("container:") || key == "network_mode" && mode == "host";
        is_shared.then(|| format!("{key}: {mode}"))
    })
}

fn of_service(service: &Value, image: &str, mounted: &dyn Fn(&Path) -> Mounted) -> Value {
    let mut service = service.as_object().cloned().unwrap_or_default();
    service.retain(|key, _| !DROPPED.contains(&key.as_str()));
    service.insert("image".to_owned(), json!(image));
    service.insert("pull_policy".to_owned(), json!("never"));
    if let Some(deploy) = service.get_mut("deploy").and_then(Value::as_object_mut) {
        deploy.remove("labels");
        if deploy.get("replicas").and_then(Value::as_u64).is_some_and(|count| count > 1) {
            deploy.insert("replicas".to_owned(), json!(1));
        }
    }
    let environment = service.entry("environment").or_insert_with(|| json!({}));
    match environment {
        Value::Array(lines) => rehearse_environment(lines),
        Value::Object(variables) => {
            variables.retain(|name, _| !PROXY_VARIABLES.contains(&name.as_str()));
            variables.insert(REHEARSAL_VARIABLE.to_owned(), json!("1"));
        }
        other => *other = json!({ REHEARSAL_VARIABLE: "1" }),
    }
    // What is saved of it is the other one's.
    if let Some(own) = service.get_mut("x-backstay").and_then(Value::as_object_mut) {
        own.remove("data");
    }
    let networks = service.get_mut("networks").and_then(Value::as_object_mut);
    for network in networks.into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut) {
        for key in ["ipv4_address", "ipv6_address", "link_local_ips", "mac_address"] {
            network.remove(key);
        }
    }
    let sources = service.get_mut("volumes_from").and_then(Value::as_array_mut);
    let is_strangers =
        |source: &Value| source.as_str().is_some_and(|s| s.starts_with("container:"));
    sources.into_iter().for_each(|sources| sources.retain(|source| !is_strangers(source)));
    let mounts = service.get_mut("volumes").and_then(Value::as_array_mut);
    for mount in mounts.into_iter().flatten() {
        set_mount(mount, mounted);
    }
    Value::Object(service)
}

/// The volume that stands for a folder of the host.
pub(super) fn volume_of(folder: &str) -> String {
    let digest = digest(folder.as_bytes());
    let (_, hex) = digest.split_once(':').unwrap_or(("", &digest));
    format!("folder-{}", hex.get(..12).unwrap_or(hex))
}

/// All that are mounted.
fn folders_of<'a>(services: impl Iterator<Item = &'a Value>) -> BTreeSet<String> {
    let mounts = services.filter_map(|service| service.get("volumes")?.as_array()).flatten();
    let sources = mounts.filter_map(|mount| mount.get("source")?.as_str());
    sources.filter(|source| source.starts_with("folder-")).map(str::to_owned).collect()
}

fn set_mount(mount: &mut Value, mounted: &dyn Fn(&Path) -> Mounted) {
    let is_bind = mount.get("type").and_then(Value::as_str) == Some("bind");
    let Some(source) = mount.get("source").and_then(Value::as_str).filter(|_| is_bind) else {
        return;
    };
    let source = source.to_owned();
    match mounted(Path::new(&source)) {
        Mounted::Copy(copy) => mount["source"] = json!(copy),
        Mounted::Read => mount["read_only"] = json!(true),
        Mounted::Empty => {
            let target = mount.get("target").cloned().unwrap_or_default();
            *mount = json!({"type": "volume", "source": volume_of(&source), "target": target});
        }
    }
}

fn set_copy(path: &mut Value, mounted: &dyn Fn(&Path) -> Mounted) {
    if let Some(Mounted::Copy(copy)) = path.as_str().map(|path| mounted(Path::new(path))) {
        *path = json!(copy);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &Path) -> Mounted {
        match path.to_str() {
            Some("/srv/shop/web.conf") => Mounted::Copy("/copy/web.conf".into()),
            Some("/var/run/docker.sock") => Mounted::Read,
            _ => Mounted::Empty,
        }
    }

    #[test]
    fn nothing_leads_to_it_and_it_leads_to_nothing_of_the_other_one() {
        let model = json!({
            "name": "shop",
            "services": {
                "web": {
                    "image": "web:1", "build": {"context": "."}, "container_name": "web",
                    "labels": {"traefik.enable": "true"}, "ports": [{"target": 80, "published": "80"}],
                    "x-backstay-gateway": {"ports": [{"target": 81, "published": 81}]},
                    "environment": {"A": "1", "VIRTUAL_HOST": "shop"},
                    "networks": {"back": {"ipv4_address": "10.9.0.2", "aliases": ["w"]}},
                    "deploy": {"replicas": 3, "labels": {"a": "b"}},
                    "depends_on": {"db": {"condition": "service_started"}, "host": {}},
                    "volumes": [
                        {"type": "bind", "source": "/srv/shop/web.conf", "target": "/web.conf"},
                        {"type": "bind", "source": "/var/run/docker.sock", "target": "/s"},
                        {"type": "bind", "source": "/srv/shop/data", "target": "/data"},
                        {"type": "volume", "source": "data", "target": "/v"}]},
                "host": {"image": "h", "network_mode": "host"},
                "db": {"image": "db:1"},
                "off": {"image": "off"}},
            "networks": {"back": {"name": "shop_back", "ipam": {"config": []}, "internal": true}},
            "volumes": {"data": {"name": "shop_data", "external": true}},
            "secrets": {"s": {"name": "shop_s", "file": "/srv/shop/web.conf"}}});
        let image = |name: &str| (name != "off").then(|| format!("sha256:{name}"));
        let found = apart(&model, "shop-restore-test", &image, &place);
        assert_eq!(found.left_out, [("host".to_owned(), "network_mode: host".to_owned())]);
        let made: Value = serde_json::from_str(&found.text).unwrap();
        assert_eq!(
            made,
            json!({
                "name": "shop-restore-test",
                "services": {
                    "db": {
                        "image": "sha256:db", "pull_policy": "never",
                        "environment": {"BACKSTAY_REHEARSAL": "1"}},
                    "web": {
                        "image": "sha256:web", "pull_policy": "never",
                        "environment": {"A": "1", "BACKSTAY_REHEARSAL": "1"},
                        "networks": {"back": {"aliases": ["w"]}},
                        "deploy": {"replicas": 1},
                        "depends_on": {"db": {"condition": "service_started"}},
                        "volumes": [
                            {"type": "bind", "source": "/copy/web.conf", "target": "/web.conf"},
                            {"type": "bind", "source": "/var/run/docker.sock", "target": "/s", "read_only": true},
                            {"type": "volume", "source": "folder-85208f917e73", "target": "/data"},
                            {"type": "volume", "source": "data", "target": "/v"}]}},
                "networks": {"back": {"internal": true}},
                "volumes": {"data": {}, "folder-85208f917e73": {}},
                "configs": {},
                "secrets": {"s": {"file": "/copy/web.conf"}}})
        );
    }
}
