//! What a container's definition points to by the name of another container: that name is the live one, and belongs to
//! another container until the new one is live.

use std::collections::BTreeMap;

use backstay_core::naming::live_name;
use serde_json::{Value, json};

use super::endpoints::endpoints;

/// Lets links name live containers, and everything that the engine resolves at once the new containers. `by_name` are those
/// that were created before, by their live names.
pub(super) fn point_to_live(body: &mut Value, by_name: &BTreeMap<String, String>) {
    for endpoint in endpoints(body) {
        rename_links(endpoint);
    }
    let Some(host) = body.get_mut("HostConfig").and_then(Value::as_object_mut) else { return };
    for key in ["NetworkMode", "PidMode", "IpcMode"] {
        let Some(mode) = host.get_mut(key) else { continue };
        let name = mode.as_str().and_then(|mode| mode.strip_prefix("container:"));
        if let Some(id) = name.and_then(|name| by_name.get(name)) {
            *mode = json!(format!("container:{id}"));
        }
    }
    for key in ["VolumesFrom", "Links"] {
        let entries = host.get_mut(key).and_then(Value::as_array_mut);
        for entry in entries.into_iter().flatten() {
            let Some(text) = entry.as_str() else { continue };
            let (name, rest) =
                text.split_once(':').map_or((text, ""), |(n, _)| (n, &text[n.len()..]));
            if let Some(id) = by_name.get(name.trim_start_matches('/')) {
                *entry = json!(format!("{id}{rest}"));
            }
        }
    }
}

/// The names of containers that the engine resolves when it creates one with this body.
pub(crate) fn resolved_names(body: &Value) -> Vec<&str> {
    let host = body.get("HostConfig").unwrap_or(&Value::Null);
    let modes = ["NetworkMode", "PidMode", "IpcMode"]
        .into_iter()
        .filter_map(|key| host.get(key)?.as_str()?.strip_prefix("container:"));
    let lists = ["VolumesFrom", "Links"].into_iter().filter_map(|key| host.get(key)?.as_array());
    let entries = lists.flatten().filter_map(Value::as_str);
    modes.chain(entries.map(|entry| entry.split(':').next().unwrap_or(entry))).collect()
}

/// Lets the links of an endpoint name live containers.
pub(crate) fn rename_links(endpoint: &mut Value) {
    let links = endpoint.get_mut("Links").and_then(Value::as_array_mut);
    for link in links.into_iter().flatten() {
        let Some(text) = link.as_str() else { continue };
        let (name, alias) = text.split_once(':').unwrap_or((text, text));
        *link = json!(format!("{}:{alias}", live_name(name)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_name_live_containers_and_modes_new_ones() {
        let mut body = json!({
            "NetworkingConfig": {"EndpointsConfig": {"n": {"Links": [
                "shop-db-1.new-20240129_143052:database", "other:x"]}}},
            "HostConfig": {"NetworkMode": "container:vpn", "PidMode": "container:else", "IpcMode": "host",
                "VolumesFrom": ["vpn:ro", "else"], "Links": ["/vpn:/v"]}});
        assert_eq!(resolved_names(&body), ["vpn", "else", "vpn", "else", "/vpn"]);
        point_to_live(&mut body, &BTreeMap::from([("vpn".to_owned(), "id".to_owned())]));
        let endpoint = &body["NetworkingConfig"]["EndpointsConfig"]["n"];
        assert_eq!(endpoint["Links"], json!(["shop-db-1:database", "other:x"]));
        let host = &body["HostConfig"];
        assert_eq!(host["NetworkMode"], "container:id");
        assert_eq!(host["PidMode"], "container:else");
        assert_eq!(
            (&host["VolumesFrom"], &host["Links"]),
            (&json!(["id:ro", "else"]), &json!(["id:/v"]))
        );
    }
}
