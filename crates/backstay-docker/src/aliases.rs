//! A container's DNS names on a network. The engine can't change them in place, so the container leaves the network and
//! joins it again at once; the engine hands out the lowest free address, which is the one that was just given back.

use backstay_core::engine::{EngineError, EngineErrorKind, EngineResult};
use hyper::Method;
use serde_json::{Map, Value, json};

use crate::connection::{Connection, encode};
use crate::container::{aliases, short};
use crate::containers::{inspect_one, tolerate_missing};

/// Gives a container exactly these names. Returns whether it kept its address.
pub(crate) async fn set(
    engine: &Connection,
    id: &str,
    network: &str,
    names: &[String],
) -> EngineResult<bool> {
    let action = format!("naming container {} on network `{network}`", short(id));
    let before = endpoint(engine, &action, id, network).await?;
    if let Some(settings) = &before {
        if same(&aliases(id, settings), names) && !has_temporary_links(settings) {
            return Ok(true);
        }
        let body = json!({"Container": id, "Force": true});
        let path = format!("/networks/{}/disconnect", encode(network));
        let left = engine.api().call(&action, Method::POST, &path, Some(&body)).await;
        tolerate_missing(left.map(|_| ()))?;
    }
    // It is not attached at all where an earlier call was cut off in between.
    let settings = kept_settings(before.as_ref(), names);
    let body = json!({"Container": id, "EndpointConfig": settings});
    let path = format!("/networks/{}/connect", encode(network));
    engine.api().call(&action, Method::POST, &path, Some(&body)).await?;
    let after = endpoint(engine, &action, id, network).await?;
    Ok(addresses(before.as_ref()) == addresses(after.as_ref()))
}

/// Lets a container that does not run yet find others under further names, beside those of its own links.
pub(crate) async fn link(
    engine: &Connection,
    id: &str,
    network: &str,
    links: &[String],
) -> EngineResult<()> {
    let action = format!("linking container {} on network `{network}`", short(id));
    let Some(before) = endpoint(engine, &action, id, network).await? else { return Ok(()) };
    let mut settings = kept_settings(Some(&before), &aliases(id, &before));
    let own = before.get("Links").and_then(Value::as_array).into_iter().flatten();
    // The same name can't lead to two: the one that is to prove itself goes before.
    let alias = |link: &str| link.rsplit(':').next().unwrap_or(link).to_owned();
    let taken: Vec<String> = links.iter().map(|link| alias(link)).collect();
    let own = own.filter_map(Value::as_str).filter(|link| !taken.contains(&alias(link)));
    let all: Vec<&str> = own.chain(links.iter().map(String::as_str)).collect();
    settings["Links"] = json!(all);
    let leave = json!({"Container": id, "Force": true});
    let path = |verb: &str| format!("/networks/{}/{verb}", encode(network));
    engine.api().call(&action, Method::POST, &path("disconnect"), Some(&leave)).await?;
    let join = json!({"Container": id, "EndpointConfig": settings});
    engine.api().call(&action, Method::POST, &path("connect"), Some(&join)).await.map(|_| ())
}

async fn endpoint(
    engine: &Connection,
    action: &str,
    id: &str,
    network: &str,
) -> EngineResult<Option<Value>> {
    let detail = inspect_one(engine, id).await?.ok_or_else(|| {
        EngineError::new(EngineErrorKind::NotFound, action, "the container does not exist")
    })?;
    let networks = detail.pointer("/NetworkSettings/Networks");
    Ok(networks.and_then(|networks| networks.get(network)).cloned())
}

fn same(have: &[String], want: &[String]) -> bool {
    let sorted = |names: &[String]| {
        let mut names = names.to_vec();
        names.sort();
        names.dedup();
        names
    };
    sorted(have) == sorted(want)
}

/// What a person or Compose configured of the endpoint, without what the engine assigned.
pub(crate) fn kept_settings(endpoint: Option<&Value>, names: &[String]) -> Value {
    const CONFIGURED: [&str; 4] = ["IPAMConfig", "Links", "DriverOpts", "GwPriority"];
    let mut settings = Map::new();
    for key in CONFIGURED {
        if let Some(value) = endpoint.and_then(|e| e.get(key)).filter(|value| !value.is_null()) {
            settings.insert(key.to_owned(), value.clone());
        }
    }
    // A name that a container had while it proved itself leads nowhere later.
    if let Some(links) = settings.get_mut("Links").and_then(Value::as_array_mut) {
        links.retain(|link| !is_temporary_link(link));
    }
    settings.insert("Aliases".to_owned(), json!(names));
    Value::Object(settings)
}

fn has_temporary_links(endpoint: &Value) -> bool {
    let links = endpoint.get("Links").and_then(Value::as_array);
    links.into_iter().flatten().any(is_temporary_link)
}

fn is_temporary_link(link: &Value) -> bool {
    let target = link.as_str().and_then(|link| link.split(':').next());
    target.is_some_and(backstay_core::naming::is_temporary)
}

fn addresses(endpoint: Option<&Value>) -> [String; 2] {
    ["IPAddress", "GlobalIPv6Address"].map(|key| {
        let address = endpoint.and_then(|endpoint| endpoint.get(key)).and_then(Value::as_str);
        address.unwrap_or_default().to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_configured_is_kept_and_what_was_assigned_is_not() {
        let endpoint = json!({
            "IPAMConfig": {"IPv4Address": "10.1.0.9"}, "Links": null, "Aliases": ["old"],
            "DriverOpts": {"a": "b"}, "GwPriority": 3, "NetworkID": "n", "EndpointID": "e",
            "IPAddress": "10.1.0.9", "MacAddress": "02:42:0a:01:00:09"});
        assert_eq!(
            kept_settings(Some(&endpoint), &["web".to_owned()]),
            json!({"IPAMConfig": {"IPv4Address": "10.1.0.9"}, "DriverOpts": {"a": "b"},
                "GwPriority": 3, "Aliases": ["web"]})
        );
        assert_eq!(kept_settings(None, &[]), json!({"Aliases": []}));
    }

    #[test]
    fn names_are_a_set() {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        assert!(same(&names(&["a", "b"]), &names(&["b", "a", "a"])));
        assert!(!same(&names(&["a"]), &names(&["a", "b"])));
    }
}
