//! Listing, removing and renaming containers.

use std::time::Duration;

use backstay_core::engine::{Container, EngineError, EngineErrorKind, EngineResult, Stranger};
use futures_util::StreamExt;
use futures_util::stream;
use hyper::Method;
use serde_json::{Value, json};

use crate::connection::{Connection, encode};
use crate::container::{from_inspect, label, short};

/// How many containers are inspected at a time.
const PARALLEL: usize = 16;

/// How long a removal that somebody else has begun may take.
const REMOVAL: Duration = Duration::from_secs(30);

/// The project's containers, without one-off ones.
pub(crate) async fn list(engine: &Connection, project: &str) -> EngineResult<Vec<Container>> {
    let filter = format!("{}={project}", label::PROJECT);
    let found = summaries(engine, "listing containers", &json!({"label": [filter]}), true).await?;
    let ids: Vec<String> = found
        .iter()
        .filter(|summary| {
            let oneoff = summary.pointer("/Labels").and_then(|labels| labels.get(label::ONEOFF));
            let is_hook = summary.pointer("/Labels").is_some_and(|l| l.get(label::HOOK).is_some());
            oneoff.and_then(Value::as_str) != Some("True") && !is_hook
        })
        .filter_map(|summary| Some(summary.get("Id")?.as_str()?.to_owned()))
        .collect();
    // One that goes while the others are looked at is not there any more.
    let details = inspect_some(engine, &ids).await?;
    let mut containers: Vec<Container> = details.iter().map(from_inspect).collect();
    containers
        .sort_by(|a, b| (&a.service, a.number, &a.name).cmp(&(&b.service, b.number, &b.name)));
    Ok(containers)
}

/// The containers that are not the project's.
pub(crate) async fn strangers(engine: &Connection, project: &str) -> EngineResult<Vec<Stranger>> {
    let all = summaries(engine, "listing containers", &json!({}), true).await?;
    let own = |summary: &Value| {
        let label = summary.pointer("/Labels").and_then(|labels| labels.get(label::PROJECT));
        label.and_then(Value::as_str).map(str::to_owned)
    };
    let strangers = all.iter().filter(|summary| own(summary).as_deref() != Some(project));
    Ok(strangers
        .map(|summary| {
            let list = |key: &str| summary.get(key).and_then(Value::as_array).into_iter().flatten();
            let name = list("Names").find_map(Value::as_str).unwrap_or_default();
            let mounts = list("Mounts").filter_map(|mount| mount.get("Source")?.as_str());
            Stranger {
                name: name.trim_start_matches('/').to_owned(),
                project: own(summary),
                mounts: mounts.filter(|mount| !mount.is_empty()).map(str::to_owned).collect(),
            }
        })
        .collect())
}

/// Containers as the engine lists them.
pub(crate) async fn summaries(
    engine: &Connection,
    action: &str,
    filters: &Value,
    all: bool,
) -> EngineResult<Vec<Value>> {
    let filters = encode(&filters.to_string());
    let path = format!("/containers/json?all={}&filters={filters}", u8::from(all));
    match engine.api().get(action, &path).await? {
        Some(Value::Array(list)) => Ok(list),
        _ => Ok(Vec::new()),
    }
}

/// What the engine says of these containers in full.
pub(crate) async fn inspect(engine: &Connection, ids: &[String]) -> EngineResult<Vec<Value>> {
    let details = inspect_some(engine, ids).await?;
    if details.len() == ids.len() {
        return Ok(details);
    }
    let there = |id: &&String| {
        details.iter().filter_map(|d| d.get("Id")?.as_str()).any(|known| known == id.as_str())
    };
    let gone = ids.iter().find(|id| !there(id)).map_or("", String::as_str);
    let action = format!("inspecting container {}", short(gone));
    Err(EngineError::new(EngineErrorKind::NotFound, action, "no such container"))
}

/// The same, without those that do not exist.
pub(crate) async fn inspect_some(engine: &Connection, ids: &[String]) -> EngineResult<Vec<Value>> {
    let mut details = Vec::with_capacity(ids.len());
    let mut looks = Vec::with_capacity(ids.len());
    for id in ids {
        looks.push(inspect_one(engine, id));
    }
    let mut calls = stream::iter(looks).buffered(PARALLEL);
    while let Some(detail) = calls.next().await {
        details.extend(detail?);
    }
    Ok(details)
}

/// One of them.
pub(crate) async fn inspect_one(engine: &Connection, id: &str) -> EngineResult<Option<Value>> {
    let path = format!("/containers/{}/json", encode(id));
    engine.api().get(&format!("inspecting container {}", short(id)), &path).await
}

/// What is mounted at a path of one, as the engine's machine names it.
#[cfg(target_os = "linux")]
pub(crate) fn mounted_at<'a>(container: &'a Value, path: &str) -> Option<&'a str> {
    let mounts = container.get("Mounts")?.as_array()?;
    let is_it = |mount: &&Value| mount.get("Destination").and_then(Value::as_str) == Some(path);
    mounts.iter().find(is_it)?.get("Source")?.as_str()
}

/// Removes a container.
pub(crate) async fn remove(engine: &Connection, id: &str, volumes: bool) -> EngineResult<()> {
    let action = format!("removing container {}", short(id));
    let path = format!("/containers/{}?force=true&v={volumes}", encode(id));
    let done = engine.api().call_patiently(&action, Method::DELETE, &path, &Value::Null).await;
    match done.map(|_| ()) {
        Err(error) if error.message.contains("already in progress") => {
            wait_until_gone(engine, id, error).await
        }
        other => tolerate_missing(other),
    }
}

/// Takes a container's restart policy away.
pub(crate) async fn never_restart(engine: &Connection, id: &str) -> EngineResult<()> {
    let action = format!("taking the restart policy from container {}", short(id));
    let path = format!("/containers/{}/update", encode(id));
    let body = json!({"RestartPolicy": {"Name": "no", "MaximumRetryCount": 0}});
    let done = engine.api().call(&action, Method::POST, &path, Some(&body)).await;
    tolerate_missing(done.map(|_| ()))
}

/// Sends a signal to a container's first process.
pub(crate) async fn signal(engine: &Connection, id: &str, signal: &str) -> EngineResult<()> {
    let action = format!("sending {signal} to container {}", short(id));
    let path = format!("/containers/{}/kill?signal={}", encode(id), encode(signal));
    engine.api().call(&action, Method::POST, &path, None).await.map(|_| ())
}

/// Renames a container. One that has the name already is fine.
pub(crate) async fn rename(engine: &Connection, id: &str, name: &str) -> EngineResult<()> {
    let action = format!("renaming container {} to `{name}`", short(id));
    let path = format!("/containers/{}/rename?name={}", encode(id), encode(name));
    let done = engine.api().call(&action, Method::POST, &path, None).await;
    let Err(error) = done else { return Ok(()) };
    match inspect_one(engine, id).await? {
        Some(detail) if from_inspect(&detail).name == name => Ok(()),
        _ => Err(error),
    }
}

/// Counts "it does not exist" as done.
pub(crate) fn tolerate_missing(result: EngineResult<()>) -> EngineResult<()> {
    match result {
        Err(error) if error.is_not_found() => Ok(()),
        other => other,
    }
}

async fn wait_until_gone(engine: &Connection, id: &str, error: EngineError) -> EngineResult<()> {
    let gone = async {
        while engine
            .api()
            .call("", Method::GET, &format!("/containers/{id}/json"), None)
            .await
            .is_ok()
        {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(REMOVAL, gone).await.map_err(|_| error)
}
