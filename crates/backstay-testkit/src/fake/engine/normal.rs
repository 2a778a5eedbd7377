//! The long form of a compose file, as `docker compose config` prints it.

use std::path::{Path, PathBuf};

use backstay_core::stack::StackRef;
use serde_json::{Map, Value, json};

use super::interpolate::variables;

/// Why there is no long form.
pub(super) enum Problem {
    /// A file that is named is not there.
    Missing(PathBuf),
    /// The model is not one.
    Invalid(String),
}

/// Writes everything out: names, networks, ports, mounts, env files.
pub(super) fn normalise(
    mut model: Value,
    stack: &StackRef,
    read: &dyn Fn(&Path) -> Option<String>,
) -> Result<Value, Problem> {
    let base = stack.project_directory.as_ref().unwrap_or(&stack.directory);
    let folder = stack.directory.file_name().and_then(|name| name.to_str()).unwrap_or("stack");
    let given = model.get("name").and_then(Value::as_str).map(str::to_owned);
    let project = stack.project_name.clone().or(given).unwrap_or_else(|| folder.to_owned());
    let top = model.as_object_mut().ok_or_else(|| Problem::Invalid("not a mapping".into()))?;
    top.insert("name".to_owned(), json!(project));
    let services = top
        .get_mut("services")
        .and_then(Value::as_object_mut)
        .ok_or_else(|| Problem::Invalid("services must be a mapping".into()))?;
    let mut used_default = false;
    for (name, body) in services {
        let Some(body) = body.as_object_mut() else {
            return Err(Problem::Invalid(format!("services.{name} must be a mapping")));
        };
        if !body.contains_key("image") && !body.contains_key("build") {
            let message = format!("service {name:?} has neither an image nor a build context");
            return Err(Problem::Invalid(message));
        }
        used_default |= service(body, base, read)?;
    }
    if used_default {
        child(top, "networks").entry("default").or_insert(Value::Null);
    }
    for kind in ["networks", "volumes"] {
        let Some(entries) = top.get_mut(kind).and_then(Value::as_object_mut) else { continue };
        for (key, body) in entries {
            if body.is_null() {
                *body = json!({});
            }
            let external = body.get("external").and_then(Value::as_bool).unwrap_or(false);
            let name = if external { key.clone() } else { format!("{project}_{key}") };
            if let Some(body) = body.as_object_mut() {
                body.entry("name").or_insert(json!(name));
            }
        }
    }
    for kind in ["configs", "secrets"] {
        let Some(entries) = top.get_mut(kind).and_then(Value::as_object_mut) else { continue };
        for file in entries.values_mut().filter_map(|body| body.get_mut("file")) {
            absolute(file, base);
        }
    }
    Ok(model)
}

/// Answers whether the service is on the default network.
fn service(
    body: &mut Map<String, Value>,
    base: &Path,
    read: &dyn Fn(&Path) -> Option<String>,
) -> Result<bool, Problem> {
    if let Some(build) = body.get_mut("build") {
        if build.is_string() {
            *build = json!({"context": build, "dockerfile": "Dockerfile"});
        }
        if let Some(context) = build.get_mut("context") {
            absolute(context, base);
        }
    }
    env_files(body, base, read)?;
    to_mapping(body, "depends_on", &json!({"condition": "service_started", "required": true}));
    to_mapping(body, "networks", &Value::Null);
    each(body, "ports", |port| port.as_str().map(long_port));
    each(body, "volumes", |mount| mount.as_str().map(|text| long_mount(text, base)));
    each(body, "configs", |item| item.as_str().map(|name| json!({"source": name})));
    each(body, "secrets", |item| item.as_str().map(|name| json!({"source": name})));
    for mount in body.get_mut("volumes").and_then(Value::as_array_mut).into_iter().flatten() {
        if mount.get("type").and_then(Value::as_str) == Some("bind")
            && let Some(source) = mount.get_mut("source")
        {
            absolute(source, base);
        }
    }
    let joins = !body.contains_key("network_mode") && !body.contains_key("networks");
    if joins {
        body.insert("networks".to_owned(), json!({"default": null}));
    }
    Ok(body.get("networks").is_some_and(|networks| networks.get("default").is_some()))
}

fn env_files(
    body: &mut Map<String, Value>,
    base: &Path,
    read: &dyn Fn(&Path) -> Option<String>,
) -> Result<(), Problem> {
    let files = match body.remove("env_file") {
        None => return Ok(()),
        Some(Value::Array(files)) => files,
        Some(one) => vec![one],
    };
    let mut values = Map::new();
    for file in files {
        let name = file.as_str().or_else(|| file.get("path").and_then(Value::as_str));
        let path = base.join(name.unwrap_or_default());
        let required = file.get("required").and_then(Value::as_bool).unwrap_or(true);
        match read(&path) {
            Some(text) => {
                values.extend(variables(&text).into_iter().map(|(k, v)| (k, json!(v))));
            }
            None if required => return Err(Problem::Missing(path)),
            None => {}
        }
    }
    let own = child(body, "environment");
    for (name, value) in values {
        own.entry(name).or_insert(value);
    }
    Ok(())
}

fn child<'a>(map: &'a mut Map<String, Value>, key: &str) -> &'a mut Map<String, Value> {
    let entry = map.entry(key).or_insert(json!({}));
    if !entry.is_object() {
        *entry = json!({});
    }
    match entry {
        Value::Object(map) => map,
        _ => unreachable!("made an object just now"),
    }
}

fn to_mapping(body: &mut Map<String, Value>, key: &str, default: &Value) {
    if let Some(Value::Array(names)) = body.get(key) {
        let names = names.iter().filter_map(Value::as_str);
        let map: Map<String, Value> =
            names.map(|name| (name.to_owned(), default.clone())).collect();
        body.insert(key.to_owned(), Value::Object(map));
    }
}

fn each(body: &mut Map<String, Value>, key: &str, long: impl Fn(&Value) -> Option<Value>) {
    for item in body.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(new) = long(item) {
            *item = new;
        }
    }
}

/// `[[address:]published:]target[/protocol]`
fn long_port(text: &str) -> Value {
    let (numbers, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let mut parts = numbers.rsplitn(3, ':');
    let target: u16 = parts.next().and_then(|part| part.parse().ok()).unwrap_or_default();
    let mut port = json!({"mode": "ingress", "target": target, "protocol": protocol});
    if let Some(published) = parts.next() {
        port["published"] = json!(published);
    }
    if let Some(address) = parts.next() {
        port["host_ip"] = json!(address);
    }
    port
}

/// `[source:]target[:ro]`
fn long_mount(text: &str, base: &Path) -> Value {
    let mut parts = text.split(':');
    let first = parts.next().unwrap_or_default();
    let Some(target) = parts.next() else { return json!({"type": "volume", "target": first}) };
    let is_path = first.starts_with(['.', '/']);
    let mut mount = json!({"type": if is_path { "bind" } else { "volume" }, "source": first});
    if is_path {
        absolute(&mut mount["source"], base);
    }
    mount["target"] = json!(target);
    if parts.next() == Some("ro") {
        mount["read_only"] = json!(true);
    }
    mount
}

fn absolute(value: &mut Value, base: &Path) {
    if let Some(text) = value.as_str() {
        let relative = text.strip_prefix("./").unwrap_or(text);
        let path = if relative == "." { base.to_owned() } else { base.join(relative) };
        *value = json!(path.to_string_lossy());
    }
}
