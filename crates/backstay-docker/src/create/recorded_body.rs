//! The body of a create call, put together from what `docker inspect` once printed of a container.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::inherit::{anonymous_volumes, mount};
use crate::aliases::kept_settings;
use crate::container::{aliases, label};

/// The body that makes the same container again. Its image is a reference, as it was.
pub(super) fn body(record: &Value) -> Value {
    let id = record.get("Id").and_then(Value::as_str).unwrap_or_default();
    let mut body = record.get("Config").and_then(Value::as_object).cloned().unwrap_or_default();
    // The engine names the host after the container unless somebody has named it otherwise.
    if body.get("Hostname").and_then(Value::as_str).is_some_and(|name| id.starts_with(name)) {
        body.remove("Hostname");
    }
    if let Some(labels) = body.get_mut("Labels").and_then(Value::as_object_mut) {
        labels.retain(|name, _| !name.starts_with(label::OWN));
    }
    let host = record.get("HostConfig").cloned().unwrap_or_else(|| json!({}));
    let mode = host.get("NetworkMode").and_then(Value::as_str).unwrap_or_default();
    if mode != "host" && mode != "none" && !mode.starts_with("container:") {
        let networking = json!({"EndpointsConfig": endpoints(id, record)});
        body.insert("NetworkingConfig".to_owned(), networking);
    } else if mode.starts_with("container:") {
        // These belong to the container whose network it borrows.
        body.remove("Hostname");
        body.remove("Domainname");
        body.remove("ExposedPorts");
    }
    body.insert("HostConfig".to_owned(), host);
    let mut body = Value::Object(body);
    for volume in anonymous_volumes(record) {
        mount(&mut body, &volume, true);
    }
    body
}

/// The names of the networks that a container joined.
pub(super) fn networks(record: &Value) -> impl Iterator<Item = &String> {
    let networks = record.pointer("/NetworkSettings/Networks").and_then(Value::as_object);
    networks.into_iter().flat_map(Map::keys)
}

/// Lets a body borrow from new containers what the record says it borrowed from old ones.
pub(super) fn borrow_from_new(body: &mut Value, new_id: impl Fn(&str) -> Option<String>) {
    let Some(host) = body.get_mut("HostConfig").and_then(Value::as_object_mut) else { return };
    for key in ["NetworkMode", "PidMode", "IpcMode"] {
        let Some(mode) = host.get_mut(key) else { continue };
        let old = mode.as_str().and_then(|mode| mode.strip_prefix("container:"));
        if let Some(new) = old.and_then(&new_id) {
            *mode = json!(format!("container:{new}"));
        }
    }
    let sources = host.get_mut("VolumesFrom").and_then(Value::as_array_mut);
    for source in sources.into_iter().flatten() {
        let Some(text) = source.as_str() else { continue };
        let (old, mode) =
            text.split_once(':').map_or((text, ""), |(old, _)| (old, &text[old.len()..]));
        if let Some(new) = new_id(old) {
            *source = json!(format!("{new}{mode}"));
        }
    }
}

/// The ids of the containers that a record borrows from.
pub(super) fn borrowed(record: &Value) -> Vec<&str> {
    let host = record.get("HostConfig").unwrap_or(&Value::Null);
    let modes = ["NetworkMode", "PidMode", "IpcMode"]
        .iter()
        .filter_map(|key| host.get(key).and_then(Value::as_str)?.strip_prefix("container:"));
    let sources = host.get("VolumesFrom").and_then(Value::as_array).into_iter().flatten();
    let sources = sources.filter_map(Value::as_str).map(|s| s.split(':').next().unwrap_or(s));
    modes.chain(sources).collect()
}

fn endpoints(id: &str, record: &Value) -> Value {
    let networks = record.pointer("/NetworkSettings/Networks").and_then(Value::as_object);
    // Those that the gateway had for it are its own again, unless it is told otherwise.
    let led = crate::container::label(record, label::INSIDE);
    let led: BTreeMap<String, Vec<String>> =
        led.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let endpoints = networks.into_iter().flatten().map(|(name, endpoint)| {
        let names = led.get(name).cloned().unwrap_or_else(|| aliases(id, endpoint));
        (name.clone(), kept_settings(Some(endpoint), &names))
    });
    Value::Object(endpoints.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Value {
        json!({
            "Id": "0123456789abcdef".repeat(4), "Name": "/shop-web-1", "Image": "sha256:aa",
            "Config": {"Hostname": "0123456789ab", "Image": "shop-web", "StopTimeout": 3, "Unknown": 1,
                "Labels": {"com.docker.compose.service": "web", "backstay.run": "6"}},
            "HostConfig": {"NetworkMode": "shop_default", "PidMode": "container:old", "Mounts": null,
                "VolumesFrom": ["old:ro"], "RestartPolicy": {"Name": "always"}},
            "Mounts": [
                {"Type": "volume", "Name": "a".repeat(64), "Destination": "/data", "RW": false},
                {"Type": "volume", "Name": "shop_named", "Destination": "/named", "RW": true}],
            "NetworkSettings": {"Networks": {"shop_default": {
                "Aliases": ["shop-web-1", "web", "0123456789ab"], "IPAddress": "10.0.0.2", "NetworkID": "n",
                "IPAMConfig": {}}}},
        })
    }

    #[test]
    fn what_was_configured_comes_back_and_what_was_assigned_does_not() {
        let body = body(&record());
        assert_eq!(body.get("Hostname"), None);
        assert_eq!((&body["StopTimeout"], &body["Unknown"]), (&json!(3), &json!(1)));
        assert_eq!(body["Labels"], json!({"com.docker.compose.service": "web"}));
        assert_eq!(
            body["NetworkingConfig"]["EndpointsConfig"],
            json!({"shop_default": {"Aliases": ["shop-web-1", "web"], "IPAMConfig": {}}})
        );
        assert_eq!(
            body["HostConfig"]["Mounts"],
            json!([{"Type": "volume", "Source": "a".repeat(64), "Target": "/data", "ReadOnly": true}])
        );
    }

    #[test]
    fn a_host_that_somebody_named_keeps_its_name() {
        let mut record = record();
        record["Config"]["Hostname"] = json!("web.example");
        assert_eq!(body(&record)["Hostname"], "web.example");
    }

    #[test]
    fn what_was_borrowed_from_an_old_container_is_borrowed_from_the_new_one() {
        let mut body = body(&record());
        borrow_from_new(&mut body, |old| (old == "old").then(|| "new".to_owned()));
        assert_eq!(body["HostConfig"]["PidMode"], "container:new");
        assert_eq!(body["HostConfig"]["VolumesFrom"], json!(["new:ro"]));
        assert_eq!(borrowed(&record()), ["old", "old"]);
    }

    #[test]
    fn names_that_the_gateway_had_come_back() {
        let mut record = record();
        let endpoint = &mut record["NetworkSettings"]["Networks"]["shop_default"];
        endpoint["Aliases"] = json!([]);
        record["Config"]["Labels"]["backstay.inside"] = json!(r#"{"shop_default":["web","www"]}"#);
        let body = body(&record);
        let endpoint = &body["NetworkingConfig"]["EndpointsConfig"]["shop_default"];
        assert_eq!(endpoint["Aliases"], json!(["web", "www"]));
        assert!(body["Labels"].get("backstay.inside").is_none());
    }

    #[test]
    fn the_hosts_network_is_not_joined() {
        let mut record = record();
        record["HostConfig"]["NetworkMode"] = json!("host");
        assert_eq!(body(&record).get("NetworkingConfig"), None);
    }
}
