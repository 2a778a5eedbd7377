//! The networks that a body joins.

use serde_json::{Map, Value, json};

/// The settings of each network that the body joins.
pub(super) fn endpoints(body: &mut Value) -> impl Iterator<Item = &mut Value> {
    let endpoints = body.pointer_mut("/NetworkingConfig/EndpointsConfig");
    endpoints.and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut)
}

/// Takes the DNS names of an endpoint away.
pub(crate) fn hide_aliases(endpoint: &mut Value) {
    if let Some(endpoint) = endpoint.as_object_mut() {
        endpoint.insert("Aliases".to_owned(), json!([]));
    }
}
