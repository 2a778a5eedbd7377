//! `pre_start` hooks: each runs in a container of its own, with the volumes and networks of the one that is about to start.

use std::collections::BTreeSet;

use backstay_core::engine::{EngineError, EngineErrorKind, EngineResult};
use backstay_core::stack::Hook;
use hyper::Method;
use serde_json::{Map, Value, json};

use crate::connection::{Connection, encode};
use crate::container::{label, short};
use crate::containers::{remove, summaries};
use crate::hooks::words;
use crate::images;

/// Whether the hooks have to run before this container starts: none of those that were created with it for its service
/// runs, and it is the first of them.
pub(crate) async fn is_due(engine: &Connection, detail: &Value) -> EngineResult<bool> {
    let text = |name: &str| label(detail, name).unwrap_or_default();
    let filters = json!({"label": [
        format!("{}={}", label::PROJECT, text(label::PROJECT)),
        format!("{}={}", label::SERVICE, text(label::SERVICE))]});
    let found = summaries(engine, "listing containers", &filters, true).await?;
    let own = |container: &Value, name: &str| {
        let labels = container.get("Labels");
        labels.and_then(|labels| labels.get(name)?.as_str()).unwrap_or_default().to_owned()
    };
    let mine = found.iter().filter(|other| {
        [label::RUN, label::REHEARSAL, label::ONEOFF, label::HOOK]
            .iter()
            .all(|name| own(other, name) == text(name))
    });
    let number = |text: &str| text.parse::<u32>().unwrap_or(1);
    let first = number(text(label::NUMBER));
    let mut due = true;
    for other in mine {
        let runs = other.get("State").and_then(Value::as_str) == Some("running");
        due &= !runs && number(&own(other, label::NUMBER)) >= first;
    }
    Ok(due)
}

/// Runs a hook to its end, and gives its exit code and output. Nothing is left of its container.
pub(crate) async fn run(
    engine: &Connection,
    detail: &Value,
    hook: &Hook,
) -> EngineResult<(Option<i64>, Vec<String>)> {
    let id = detail.get("Id").and_then(Value::as_str).unwrap_or_default();
    let action = format!("running pre_start for container {}", short(id));
    let image = detail.get("Image").and_then(Value::as_str).unwrap_or_default();
    let image = images::inspect(engine, image).await?.unwrap_or_default();
    let body = body(detail, &image, hook, "pre_start");
    let made = engine.api().call(&action, Method::POST, "/containers/create", Some(&body)).await?;
    let made: Value = serde_json::from_slice(&made).unwrap_or_default();
    let made = made.get("Id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let ended = to_the_end(engine, &action, &made, detail).await;
    let removed = remove(engine, &made, true).await;
    let ended = ended?;
    removed?;
    Ok(ended)
}

async fn to_the_end(
    engine: &Connection,
    action: &str,
    id: &str,
    detail: &Value,
) -> EngineResult<(Option<i64>, Vec<String>)> {
    let api = engine.api();
    let path = format!("/containers/{}", encode(id));
    join(engine, action, id, detail).await?;
    api.call(action, Method::POST, &format!("{path}/start"), None).await?;
    let ended =
        api.call_patiently(action, Method::POST, &format!("{path}/wait"), &Value::Null).await?;
    let ended: Value = serde_json::from_slice(&ended).unwrap_or_default();
    if let Some(message) = ended.pointer("/Error/Message").and_then(Value::as_str) {
        return Err(EngineError::new(EngineErrorKind::Other, action, message));
    }
    let logs = format!("{path}/logs?stdout=1&stderr=1");
    let output = api.call(action, Method::GET, &logs, None).await.unwrap_or_default();
    Ok((ended.get("StatusCode").and_then(Value::as_i64), words(false, &output)))
}

/// Joins the networks that an older engine does not take all at once.
pub(crate) async fn join(
    engine: &Connection,
    action: &str,
    id: &str,
    detail: &Value,
) -> EngineResult<()> {
    if engine.speaks(1, 44) {
        return Ok(());
    }
    for (network, endpoint) in endpoints(detail).into_iter().skip(1) {
        let body = json!({"Container": id, "EndpointConfig": endpoint});
        let join = format!("/networks/{}/connect", encode(&network));
        engine.api().call(action, Method::POST, &join, Some(&body)).await?;
    }
    Ok(())
}

/// What such a container is made from.
pub(crate) fn body(detail: &Value, image: &Value, hook: &Hook, kind: &str) -> Value {
    let list = |value: &Value, pointer: &str| -> Vec<String> {
        let list = value.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
        list.filter_map(|item| item.as_str().map(str::to_owned)).collect()
    };
    // The container has the image's variables too; they would be wrong in another image.
    let of_image: BTreeSet<String> = list(image, "/Config/Env").into_iter().collect();
    let mut environment = list(detail, "/Config/Env");
    environment.retain(|variable| !of_image.contains(variable));
    environment.extend(hook.environment.iter().cloned());
    let own = hook.image.clone();
    let service = detail.pointer("/Config/Image").and_then(Value::as_str).unwrap_or_default();
    let mut labels = Map::new();
    for name in [label::PROJECT, label::SERVICE, label::COMPOSE_VERSION, label::RUN] {
        if let Some(value) = label(detail, name) {
            labels.insert(name.to_owned(), json!(value));
        }
    }
    labels.insert(label::HOOK.to_owned(), json!(kind));
    let mode = detail.pointer("/HostConfig/NetworkMode").cloned().unwrap_or_default();
    let mut body = json!({
        "Image": own.unwrap_or_else(|| service.to_owned()),
        "Cmd": hook.command,
        "User": hook.user.as_deref().unwrap_or_default(),
        "WorkingDir": hook.working_dir.as_deref().unwrap_or_default(),
        "Env": environment,
        "Labels": labels,
        "HostConfig": {
            "Privileged": hook.privileged, "VolumesFrom": [detail.get("Id")], "NetworkMode": mode},
    });
    let endpoints = endpoints(detail);
    if !endpoints.is_empty() {
        body["NetworkingConfig"] = json!({"EndpointsConfig": endpoints});
    }
    body
}

/// The networks of a container, without names and addresses of its own.
fn endpoints(detail: &Value) -> Map<String, Value> {
    let mode =
        detail.pointer("/HostConfig/NetworkMode").and_then(Value::as_str).unwrap_or_default();
    if mode == "host" || mode == "none" || mode.starts_with("container:") {
        return Map::new();
    }
    let networks = detail.pointer("/NetworkSettings/Networks").and_then(Value::as_object);
    let joined = networks.into_iter().flatten().map(|(name, endpoint)| {
        (name.clone(), json!({"Links": endpoint.get("Links"), "Aliases": []}))
    });
    joined.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_has_volumes_networks_and_variables_of_its_container() {
        let detail = json!({
            "Id": "a", "Image": "sha256:1",
            "Config": {"Image": "shop-web", "Env": ["PATH=/bin", "A=1"], "Labels": {
                "com.docker.compose.project": "shop", "com.docker.compose.service": "web", "user": "x"}},
            "HostConfig": {"NetworkMode": "shop_default"},
            "NetworkSettings": {"Networks": {"shop_default": {"Aliases": ["web"], "IPAddress": "10.0.0.2"}}}});
        let hook = Hook {
            command: vec!["migrate".to_owned()],
            environment: vec!["B=2".to_owned()],
            ..Hook::default()
        };
        let image = json!({"Config": {"Env": ["PATH=/bin"]}});
        let body = body(&detail, &image, &hook, "pre_start");
        assert_eq!(body["Image"], "shop-web");
        assert_eq!(body["Env"], json!(["A=1", "B=2"]));
        assert_eq!(body["HostConfig"]["VolumesFrom"], json!(["a"]));
        assert_eq!(body["Labels"]["com.docker.compose.hook"], "pre_start");
        assert_eq!(body["Labels"].get("user"), None);
        let endpoint = &body["NetworkingConfig"]["EndpointsConfig"]["shop_default"];
        assert_eq!(endpoint["Aliases"], json!([]));
    }
}
