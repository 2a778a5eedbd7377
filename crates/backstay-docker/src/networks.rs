//! Networks.

use backstay_core::engine::EngineResult;
use backstay_routes::Subnet;
use hyper::Method;
use serde_json::{Value, json};

use crate::connection::{Connection, encode};
use crate::container::{label, short};
use crate::containers::{inspect_one, tolerate_missing};

/// The names of the networks that belong to the project.
pub(crate) async fn list(engine: &Connection, project: &str) -> EngineResult<Vec<String>> {
    let filters = json!({"label": [format!("{}={project}", label::PROJECT)]}).to_string();
    let path = format!("/networks?filters={}", encode(&filters));
    let found = engine.api().get("listing networks", &path).await?.unwrap_or_default();
    let names = found
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|network| network.get("Name").and_then(Value::as_str).map(str::to_owned));
    let mut names: Vec<String> = names.collect();
    names.sort();
    Ok(names)
}

/// The ranges of addresses of a network. One that is not understood is none.
pub(crate) async fn subnets(engine: &Connection, name: &str) -> EngineResult<Vec<Subnet>> {
    let action = format!("looking up network `{name}`");
    let found = engine.api().get(&action, &format!("/networks/{}", encode(name))).await?;
    let found = found.unwrap_or_default();
    let ranges = found.pointer("/IPAM/Config").and_then(Value::as_array).into_iter().flatten();
    let ranges = ranges.filter_map(|range| range.get("Subnet")?.as_str()?.parse().ok());
    Ok(ranges.collect())
}

/// Takes a container off a network.
pub(crate) async fn leave(engine: &Connection, id: &str, network: &str) -> EngineResult<()> {
    let action = format!("taking container {} off network `{network}`", short(id));
    let joined = inspect_one(engine, id).await?.is_some_and(|detail| {
        detail.pointer("/NetworkSettings/Networks").is_some_and(|all| all.get(network).is_some())
    });
    if !joined {
        return Ok(());
    }
    let body = json!({"Container": id, "Force": true});
    let path = format!("/networks/{}/disconnect", encode(network));
    tolerate_missing(engine.api().call(&action, Method::POST, &path, Some(&body)).await.map(|_| ()))
}

/// Removes a network that no container uses.
pub(crate) async fn remove(engine: &Connection, name: &str) -> EngineResult<()> {
    let path = format!("/networks/{}", encode(name));
    let action = format!("removing network `{name}`");
    tolerate_missing(engine.api().call(&action, Method::DELETE, &path, None).await.map(|_| ()))
}
