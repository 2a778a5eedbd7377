//! The model of a release whose files do not say all that ran: services that they do not name, or name with another
//! definition, are described by what the engine said of their containers.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::model::Model;
use super::yaml::document;
use crate::error::{Error, Result};

const SERVICE: &str = "com.docker.compose.service";
const DEPENDS_ON: &str = "com.docker.compose.depends_on";
const NUMBER: &str = "com.docker.compose.container-number";

/// What of a service's definition says how it is rolled out and checked, and not what its containers are.
const KEPT: [&str; 3] = ["build", "deploy", "pull_policy"];

/// The rendered model, with the services of which `records` alone know: those that the model lacks, and those of `differs`.
/// The text stays what it is where there are none.
///
/// # Errors
/// [`Error::Model`] for a text that is no model.
pub(crate) fn completed(
    rendered: &str,
    records: &[Value],
    services: &BTreeSet<&str>,
    differs: &[String],
) -> Result<String> {
    let model = Model::parse(rendered)?;
    let is_wanted = |name: &str| {
        services.contains(name)
            && (!model.services.contains_key(name) || differs.iter().any(|other| other == name))
    };
    let mut wanted: Vec<(&str, &Value)> = Vec::new();
    for record in records {
        if let Some(name) = label(record, SERVICE).filter(|name| is_wanted(name))
            && wanted.iter().all(|(known, _)| *known != name)
        {
            wanted.push((name, record));
        }
    }
    if wanted.is_empty() {
        return Ok(rendered.to_owned());
    }
    let mut raw = document(rendered).map_err(|error| Error::Model(error.to_string()))?;
    for (name, record) in wanted {
        // The better description first: one that makes no model of a stack (a circle of dependencies, a port that a check
        // asks for and that was not there then) does without what is not needed to bring its containers back.
        let tries = [(true, true), (true, false), (false, false)];
        for (with_checks, with_dependencies) in tries {
            let mut next = raw.clone();
            add(&mut next, &model, name, record, records, (with_checks, with_dependencies));
            if Model::from_value(next.clone()).is_ok() {
                raw = next;
                break;
            }
        }
    }
    serde_json::to_string_pretty(&raw).map_err(|error| Error::Model(error.to_string()))
}

fn add(
    raw: &mut Value,
    model: &Model,
    name: &str,
    record: &Value,
    records: &[Value],
    (with_checks, with_dependencies): (bool, bool),
) {
    let project = model.project.as_str();
    let (networks, used) = networks(record, project, model);
    let (mounts, volumes) = mounts(record, project);
    let mut service = Map::new();
    if let Some(now) = raw.pointer(&format!("/services/{name}")).and_then(Value::as_object) {
        let kept = now.iter().filter(|(key, _)| {
            KEPT.contains(&key.as_str()) || with_checks && key.starts_with("x-")
        });
        service.extend(kept.map(|(key, value)| (key.clone(), value.clone())));
    }
    let mut set = |key: &str, value: Value| drop(service.insert(key.to_owned(), value));
    set("image", record.pointer("/Config/Image").cloned().unwrap_or_default());
    if let Some(container) = own_name(record, project, name) {
        set("container_name", json!(container));
    }
    for (key, pointer) in [
        ("command", "/Config/Cmd"),
        ("entrypoint", "/Config/Entrypoint"),
        ("environment", "/Config/Env"),
        ("user", "/Config/User"),
        ("working_dir", "/Config/WorkingDir"),
        ("stop_signal", "/Config/StopSignal"),
        ("labels", "/Config/Labels"),
    ] {
        let value = record.pointer(pointer).filter(|value| is_said(value));
        value.into_iter().for_each(|value| set(key, dollars(value)));
    }
    if let Some(seconds) = record.pointer("/Config/StopTimeout").and_then(Value::as_u64) {
        set("stop_grace_period", json!(format!("{seconds}s")));
    }
    let policy = record.pointer("/HostConfig/RestartPolicy/Name").and_then(Value::as_str);
    policy.filter(|policy| !policy.is_empty()).into_iter().for_each(|p| set("restart", json!(p)));
    set("ports", Value::Array(ports(record)));
    if let Some(check) = record.pointer("/Config/Healthcheck").and_then(healthcheck) {
        set("healthcheck", check);
    }
    match network_mode(record, records) {
        Some(mode) => set("network_mode", json!(mode)),
        None => set("networks", Value::Object(networks)),
    }
    set("volumes", Value::Array(mounts));
    if with_dependencies {
        set("depends_on", Value::Object(depends_on(record, raw)));
    }
    put(raw, "services", name, &Value::Object(service), true);
    used.iter().for_each(|(key, network)| put(raw, "networks", key, network, false));
    volumes.iter().for_each(|(key, volume)| put(raw, "volumes", key, volume, false));
}

fn put(raw: &mut Value, part: &str, name: &str, value: &Value, replace: bool) {
    let Some(raw) = raw.as_object_mut() else { return };
    let entries = raw.entry(part).or_insert_with(|| json!({}));
    if !entries.is_object() {
        *entries = json!({});
    }
    if let Some(entries) = entries.as_object_mut()
        && (replace || !entries.contains_key(name))
    {
        entries.insert(name.to_owned(), value.clone());
    }
}

fn label<'a>(record: &'a Value, name: &str) -> Option<&'a str> {
    record.get("Config")?.get("Labels")?.get(name)?.as_str()
}

fn is_said(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => true,
    }
}

/// In a model, a dollar sign is written twice.
fn dollars(value: &Value) -> Value {
    match value {
        Value::String(text) => json!(text.replace('$', "$$")),
        Value::Array(items) => Value::Array(items.iter().map(dollars).collect()),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(k, v)| (k.clone(), dollars(v))).collect())
        }
        other => other.clone(),
    }
}

/// The container's name, where it is not the one that Compose gives.
fn own_name(record: &Value, project: &str, service: &str) -> Option<String> {
    let name = record.get("Name")?.as_str()?.trim_start_matches('/');
    let name = crate::naming::live_name(name);
    let number = label(record, NUMBER).unwrap_or("1");
    let usual = [format!("{project}-{service}-{number}"), format!("{project}_{service}_{number}")];
    (!usual.iter().any(|usual| usual == name)).then(|| name.to_owned())
}

fn ports(record: &Value) -> Vec<Value> {
    let bindings = record.pointer("/HostConfig/PortBindings").and_then(Value::as_object);
    let mut found = Vec::new();
    for (target, hosts) in bindings.into_iter().flatten() {
        let (port, protocol) = target.split_once('/').unwrap_or((target, "tcp"));
        let Ok(port) = port.parse::<u16>() else { continue };
        for host in hosts.as_array().into_iter().flatten() {
            let text = |key| host.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
            let mut entry = json!({"mode": "ingress", "target": port, "protocol": protocol});
            text("HostPort").into_iter().for_each(|port| entry["published"] = json!(port));
            text("HostIp").into_iter().for_each(|ip| entry["host_ip"] = json!(ip));
            found.push(entry);
        }
    }
    found
}

fn healthcheck(check: &Value) -> Option<Value> {
    let test = check.get("Test").filter(|test| is_said(test))?;
    let mut found = json!({"test": dollars(test)});
    for (key, name) in
        [("Interval", "interval"), ("Timeout", "timeout"), ("StartPeriod", "start_period")]
    {
        if let Some(nanos) = check.get(key).and_then(Value::as_u64).filter(|nanos| *nanos > 0) {
            let micros = Duration::from_nanos(nanos).as_micros();
            found[name] = json!(format!("{micros}us"));
        }
    }
    if let Some(retries) = check.get("Retries").and_then(Value::as_u64).filter(|n| *n > 0) {
        found["retries"] = json!(retries);
    }
    Some(found)
}

/// `network_mode`, where the container joins no network of its own.
fn network_mode(record: &Value, records: &[Value]) -> Option<String> {
    let mode = record.pointer("/HostConfig/NetworkMode").and_then(Value::as_str)?;
    if mode == "host" || mode == "none" {
        return Some(mode.to_owned());
    }
    let id = mode.strip_prefix("container:")?;
    let lender = records.iter().find(|other| other.get("Id").and_then(Value::as_str) == Some(id));
    let lender = lender.and_then(|other| label(other, SERVICE));
    Some(lender.map_or_else(|| mode.to_owned(), |service| format!("service:{service}")))
}

/// What a container joined, by the network's name in the model, and the networks themselves.
fn networks(
    record: &Value,
    project: &str,
    model: &Model,
) -> (Map<String, Value>, Vec<(String, Value)>) {
    let (mut joined, mut used) = (Map::new(), Vec::new());
    let endpoints = record.pointer("/NetworkSettings/Networks").and_then(Value::as_object);
    for (name, endpoint) in endpoints.into_iter().flatten() {
        let known = model.networks.iter().find(|(_, network)| network.name == *name);
        let own = name.strip_prefix(project).and_then(|rest| rest.strip_prefix('_'));
        let key = known.map_or_else(|| own.unwrap_or(name).to_owned(), |(key, _)| key.clone());
        let mut body = json!({});
        let address = |key: &str| {
            let settings = endpoint.get("IPAMConfig").and_then(|settings| settings.get(key));
            settings.filter(|value| is_said(value)).cloned()
        };
        for (from, to) in [("IPv4Address", "ipv4_address"), ("IPv6Address", "ipv6_address")] {
            address(from).into_iter().for_each(|value| body[to] = value);
        }
        joined.insert(key.clone(), body);
        used.push((key, json!({"name": name, "external": known.is_none() && own.is_none()})));
    }
    (joined, used)
}

/// What a container mounts, and the named volumes of it.
fn mounts(record: &Value, project: &str) -> (Vec<Value>, Vec<(String, Value)>) {
    let (mut mounts, mut volumes) = (Vec::new(), Vec::new());
    for mount in record.get("Mounts").and_then(Value::as_array).into_iter().flatten() {
        let text = |key: &str| mount.get(key).and_then(Value::as_str).unwrap_or_default();
        let read_only = mount.get("RW").and_then(Value::as_bool) == Some(false);
        let target = text("Destination");
        match text("Type") {
            "bind" => mounts
                .push(json!({"type": "bind", "source": dollars(&json!(text("Source"))),
                "target": target, "read_only": read_only})),
            "volume" => {
                let name = text("Name");
                let is_anonymous = name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit());
                let mut entry = json!({"type": "volume", "target": target, "read_only": read_only});
                if !is_anonymous {
                    let own = name.strip_prefix(project).and_then(|rest| rest.strip_prefix('_'));
                    let key = own.unwrap_or(name).to_owned();
                    entry["source"] = json!(key);
                    volumes.push((key, json!({"name": name})));
                }
                mounts.push(entry);
            }
            _ => {}
        }
    }
    (mounts, volumes)
}

/// Compose's own label: `db:service_healthy:false,…`. Only services that the model has can be waited for.
fn depends_on(record: &Value, raw: &Value) -> Map<String, Value> {
    let mut found = Map::new();
    for entry in label(record, DEPENDS_ON).unwrap_or_default().split(',') {
        let mut parts = entry.split(':');
        let Some(name) = parts.next().filter(|name| !name.is_empty()) else { continue };
        if raw.pointer(&format!("/services/{name}")).is_none() {
            continue;
        }
        let condition = parts.next().unwrap_or("service_started");
        let restart = parts.next() == Some("true");
        let value = json!({"condition": condition, "restart": restart, "required": true});
        found.insert(name.to_owned(), value);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: &str = "name: shop\nservices:\n  web:\n    image: web:2\n    depends_on: {db: {condition: service_started}}\n    deploy: {update_config: {monitor: 3s}}\n  db: {image: \"db:1\"}\n";

    fn record(service: &str, image: &str) -> Value {
        json!({"Id": service, "Name": format!("/shop-{service}-1"),
            "Config": {"Image": image, "StopTimeout": 3, "Cmd": ["a$b"],
                "Healthcheck": {"Test": ["CMD", "x"], "Interval": 2_000_000_000_u64, "Retries": 4},
                "Labels": {SERVICE: service, NUMBER: "1", DEPENDS_ON: "web:service_healthy:false,gone:service_started:false"}},
            "HostConfig": {"NetworkMode": "shop_back", "RestartPolicy": {"Name": "always"},
                "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}},
            "Mounts": [{"Type": "volume", "Name": "shop_data", "Destination": "/data", "RW": true},
                {"Type": "bind", "Source": "/srv/conf", "Destination": "/conf", "RW": false}],
            "NetworkSettings": {"Networks": {"shop_back": {"IPAMConfig": null}, "edge": {}}}})
    }

    fn complete(records: &[Value], differs: &[String]) -> Model {
        let names = ["web", "db", "worker"].into();
        Model::parse(&completed(FILES, records, &names, differs).unwrap()).unwrap()
    }

    #[test]
    fn a_service_that_the_files_do_not_name_is_what_its_container_was() {
        let model = complete(&[record("worker", "worker:1"), record("other", "x")], &[]);
        assert_eq!(model.services.len(), 3);
        let worker = &model.services["worker"];
        assert_eq!((worker.image.as_str(), worker.container_name.as_deref()), ("worker:1", None));
        assert_eq!(worker.ports[0].published, Some((8080, 8080)));
        assert_eq!(worker.depends_on.keys().collect::<Vec<_>>(), ["web"]);
        assert_eq!(worker.stop_grace, Duration::from_secs(3));
        let check = worker.healthcheck.unwrap();
        assert_eq!((check.interval, check.retries), (Duration::from_secs(2), 4));
        assert_eq!(worker.networks.keys().collect::<Vec<_>>(), ["back", "edge"]);
        assert_eq!(model.own_networks().collect::<Vec<_>>(), ["shop_back"]);
        assert_eq!(model.volumes["data"]["name"], "shop_data");
        assert_eq!(worker.raw["command"], json!(["a$$b"]));
    }

    #[test]
    fn one_that_differs_from_the_files_keeps_how_it_is_rolled_out() {
        let model = complete(&[record("web", "web:1")], &["web".to_owned()]);
        let web = &model.services["web"];
        assert_eq!(web.image, "web:1");
        assert_eq!(web.update.monitor, Some(Duration::from_secs(3)));
        assert_eq!(complete(&[record("web", "web:1")], &[]).services["web"].image, "web:2");
    }

    #[test]
    fn a_circle_of_old_and_new_dependencies_is_left_out() {
        let mut db = record("db", "db:0");
        db["Config"]["Labels"][DEPENDS_ON] = json!("web:service_started:false");
        let model = complete(&[db], &["db".to_owned()]);
        assert_eq!(model.services["db"].image, "db:0");
        assert!(model.services["db"].depends_on.is_empty());
    }
}
