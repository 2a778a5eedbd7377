//! What an image consists of, told by the engine's words on it: its configuration and its layers, and nothing of when and how
//! it was built.
//!
//! An image's id is no such thing. The containerd image store gives the digest of an index with attestations, another one for
//! every build; and every store's id depends on the time of the build.

use backstay_core::digest::digest;
use serde_json::{Map, Value, json};

/// What older engines and builders leave in a configuration that is a container's or the build's own.
const NOT_CONTENT: [&str; 12] = [
    "ArgsEscaped",
    "AttachStderr",
    "AttachStdin",
    "AttachStdout",
    "Domainname",
    "Hostname",
    "Image",
    "MacAddress",
    "NetworkDisabled",
    "OpenStdin",
    "StdinOnce",
    "Tty",
];

/// What the labels begin with that Compose puts on everything it builds: its version is among them.
const COMPOSE: &str = "com.docker.compose.";

/// A digest of it. `None` where the engine speaks of another platform than the one that is asked for, or of no layers.
pub(crate) fn content(detail: &Value, platform: Option<&str>) -> Option<String> {
    let text = |key: &str| detail.get(key).and_then(Value::as_str).unwrap_or_default();
    let (os, architecture) = (text("Os"), text("Architecture"));
    if let Some(platform) = platform {
        let mut parts = platform.split('/');
        if parts.next() != Some(os) || parts.next().is_some_and(|wanted| wanted != architecture) {
            return None;
        }
    }
    // An image of nothing but a configuration has none; then it must not pass for one of which they are not told.
    let layers = detail.pointer("/RootFS/Layers").filter(|layers| layers.is_array());
    let is_known = layers.is_some() || detail.pointer("/RootFS/Type").is_some();
    let mut config = detail.get("Config").and_then(Value::as_object).cloned()?;
    config.retain(|key, _| !NOT_CONTENT.contains(&key.as_str()));
    if let Some(labels) = config.get_mut("Labels").and_then(Value::as_object_mut) {
        labels.retain(|name, _| !name.starts_with(COMPOSE));
    }
    let whole = json!({
        "os": os,
        "architecture": architecture,
        "variant": text("Variant"),
        "layers": layers.cloned().unwrap_or_default(),
        "config": essence(&Value::Object(config)),
    });
    is_known.then(|| digest(essence(&whole).to_string().as_bytes()))
}

/// Without what says nothing, which some engines leave out and others don't; with sorted keys.
fn essence(value: &Value) -> Value {
    let Value::Object(map) = value else { return value.clone() };
    let mut keys: Vec<&String> = map.keys().collect();
    keys.sort();
    let mut kept = Map::new();
    for key in keys {
        // What is declared (`ExposedPorts`, `Volumes`) is a key with an empty object.
        let value = match &map[key] {
            Value::Object(inner) if inner.is_empty() => json!({}),
            other => essence(other),
        };
        let says_nothing = match &value {
            Value::Null | Value::Bool(false) => true,
            Value::String(text) => text.is_empty(),
            Value::Array(list) => list.is_empty(),
            _ => false,
        };
        if !says_nothing {
            kept.insert(key.clone(), value);
        }
    }
    kept.retain(|key, value| !(is_section(key) && value.as_object().is_some_and(Map::is_empty)));
    Value::Object(kept)
}

/// Whether it is a part of the configuration that may be there and empty.
fn is_section(key: &str) -> bool {
    matches!(key, "Labels" | "ExposedPorts" | "Volumes" | "Healthcheck")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn older() -> Value {
        json!({
            "Id": "sha256:1", "Created": "2024-01-29T14:30:52Z", "Os": "linux", "Architecture": "amd64",
            "RootFS": {"Type": "layers", "Layers": ["sha256:a", "sha256:b"]},
            "Config": {
                "Hostname": "", "Tty": false, "Image": "sha256:parent", "User": "", "Entrypoint": null, "Cmd": ["serve"],
                "Volumes": {"/data": {}}, "Labels": {"com.docker.compose.version": "2.26.1", "x": "1"},
                "ExposedPorts": {}}})
    }

    #[test]
    fn builds_of_the_same_content_are_told_alike_by_every_engine() {
        let newer = json!({
            "Id": "sha256:2", "Created": "2025-06-01T00:00:00Z", "Os": "linux", "Architecture": "amd64",
            "RootFS": {"Layers": ["sha256:a", "sha256:b"], "Type": "layers"},
            "Config": {
                "Cmd": ["serve"], "Volumes": {"/data": {}}, "ArgsEscaped": true,
                "Labels": {"x": "1", "com.docker.compose.version": "2.40.3"}}});
        let first = content(&older(), None);
        assert!(first.is_some());
        assert_eq!(first, content(&newer, None));
    }

    #[test]
    fn whatever_a_container_would_see_counts() {
        let changes: [(&str, Value); 6] = [
            ("/RootFS/Layers", json!(["sha256:a", "sha256:c"])),
            ("/Config/Cmd", json!(["serve", "--fast"])),
            ("/Config/User", json!("app")),
            ("/Config/Volumes", json!({"/other": {}})),
            ("/Config/Labels", json!({"x": "2"})),
            ("/Architecture", json!("arm64")),
        ];
        for (pointer, value) in changes {
            let mut other = older();
            *other.pointer_mut(pointer).unwrap() = value;
            assert_ne!(content(&other, None), content(&older(), None), "{pointer}");
        }
    }

    #[test]
    fn of_another_platform_nothing_is_said() {
        assert_eq!(content(&older(), Some("linux/amd64")), content(&older(), None));
        assert_eq!(content(&older(), Some("linux")), content(&older(), None));
        assert_eq!(content(&older(), Some("linux/arm64")), None);
        let mut unknown = older();
        unknown["RootFS"] = json!({});
        assert_eq!(content(&unknown, None), None);
    }
}
