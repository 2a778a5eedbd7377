//! Stopping a container.

use backstay_core::engine::EngineResult;
use hyper::Method;
use serde_json::{Value, json};

use crate::connection::{Connection, encode};
use crate::container::short;
use crate::containers::{inspect_one, tolerate_missing};
use crate::hooks::{self, Memory};

/// Stops a container: its hooks, then its own signal and grace period.
pub(crate) async fn stop(engine: &Connection, memory: &Memory, id: &str) -> EngineResult<()> {
    let Some(detail) = inspect_one(engine, id).await? else { return Ok(()) };
    let hooks = memory.of(&detail);
    if detail.pointer("/State/Running") == Some(&json!(true)) {
        hooks::before_stop(engine, memory, &detail, &hooks).await?;
    }
    // No timeout is given: the container's own `StopTimeout` holds.
    let (action, path) =
        (format!("stopping container {}", short(id)), format!("/containers/{}/stop", encode(id)));
    let done = engine.api().call_patiently(&action, Method::POST, &path, &Value::Null).await;
    tolerate_missing(done.map(|_| ()))
}
