//! A rehearsal: a twin of a candidate that can run beside the live container without taking anything from it.

use std::collections::{BTreeMap, BTreeSet};

use backstay_core::plan::{is_routed_by, rehearse_environment};
use serde_json::{Value, json};

use super::endpoints::{endpoints, hide_aliases};
use crate::container::label;

/// The body of a candidate's rehearsal: without host ports, addresses of its own, restart policy, and all that others could
/// find it by: DNS names, hostname, labels, and the variables that proxies read. What it mounts is what the candidate mounts.
/// `labels` are the names of the image's own.
pub(super) fn twin(
    body: &Value,
    twins: &BTreeMap<String, String>,
    labels: &BTreeSet<String>,
) -> Value {
    let mut body = body.clone();
    set_labels(&mut body, labels);
    set_variables(&mut body);
    for endpoint in endpoints(&mut body) {
        isolate_endpoint(endpoint);
    }
    if let Some(top) = body.as_object_mut() {
        top.remove("MacAddress");
        // The hostname is a DNS name.
        top.remove("Hostname");
        top.remove("Domainname");
    }
    if let Some(host) = body.get_mut("HostConfig").and_then(Value::as_object_mut) {
        host.insert("PortBindings".to_owned(), json!({}));
        host.insert("PublishAllPorts".to_owned(), json!(false));
        let never = json!({"Name": "no", "MaximumRetryCount": 0});
        host.insert("RestartPolicy".to_owned(), never);
        for key in ["NetworkMode", "PidMode", "IpcMode"] {
            if let Some(mode) = host.get_mut(key) {
                borrow_from_twin(mode, twins);
            }
        }
        let sources = host.get_mut("VolumesFrom").and_then(Value::as_array_mut);
        for source in sources.into_iter().flatten() {
            borrow_volumes_from_twin(source, twins);
        }
    }
    body
}

/// Takes the labels away: whoever reads them would route to it. The engine adds those of the image, unless something else
/// has their names.
fn set_labels(body: &mut Value, of_image: &BTreeSet<String>) {
    let Some(labels) = body.get_mut("Labels").and_then(Value::as_object_mut) else { return };
    let is_traefiks = |name: &String| name.starts_with("traefik.");
    let is_routed = labels.keys().chain(of_image).any(is_traefiks);
    labels.retain(|name, _| name.starts_with(label::COMPOSE) || name.starts_with(label::OWN));
    for name in of_image.iter().filter(|name| is_routed_by(name)) {
        labels.insert(name.clone(), json!(instead(name)));
    }
    if is_routed {
        // An empty rule is none, and the default one would be taken.
        labels.insert("traefik.enable".to_owned(), json!("false"));
    }
    labels.insert(label::REHEARSAL.to_owned(), json!("true"));
}

/// A value that means nothing to who reads the label. For Caddy an empty name would be all of its sites.
fn instead(label: &str) -> &'static str {
    let is_site = label == "caddy" || label.starts_with("caddy_") && !label.contains('.');
    if is_site { "http://rehearsal.invalid" } else { "" }
}

fn set_variables(body: &mut Value) {
    let Some(top) = body.as_object_mut() else { return };
    let mut list = match top.get_mut("Env").map(Value::take) {
        Some(Value::Array(list)) => list,
        _ => Vec::new(),
    };
    rehearse_environment(&mut list);
    top.insert("Env".to_owned(), Value::Array(list));
}

/// Takes from an endpoint what only one container can have.
pub(crate) fn isolate_endpoint(endpoint: &mut Value) {
    hide_aliases(endpoint);
    if let Some(endpoint) = endpoint.as_object_mut() {
        endpoint.insert("IPAMConfig".to_owned(), Value::Null);
        endpoint.insert("MacAddress".to_owned(), json!(""));
    }
}

/// `container:<id>` of a candidate that has a twin means that twin: the candidate itself does not run yet.
fn borrow_from_twin(mode: &mut Value, twins: &BTreeMap<String, String>) {
    let id = mode.as_str().and_then(|mode| mode.strip_prefix("container:"));
    if let Some(twin) = id.and_then(|id| twins.get(id)) {
        *mode = json!(format!("container:{twin}"));
    }
}

fn borrow_volumes_from_twin(source: &mut Value, twins: &BTreeMap<String, String>) {
    let Some(text) = source.as_str() else { return };
    let (id, mode) = text.split_once(':').map_or((text, ""), |(id, _)| (id, &text[id.len()..]));
    if let Some(twin) = twins.get(id) {
        *source = json!(format!("{twin}{mode}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twins_borrow_from_twins() {
        let twins = BTreeMap::from([("a".to_owned(), "b".to_owned())]);
        let body = json!({"HostConfig": {
            "NetworkMode": "container:a", "IpcMode": "container:x", "VolumesFrom": ["a:ro", "a", "x"]}});
        let host = &twin(&body, &twins, &BTreeSet::new())["HostConfig"];
        assert_eq!(host["NetworkMode"], "container:b");
        assert_eq!(host["IpcMode"], "container:x");
        assert_eq!(host["VolumesFrom"], json!(["b:ro", "b", "x"]));
    }
}
