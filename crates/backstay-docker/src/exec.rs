//! A command inside a container that runs, as the engine carries it out.

use backstay_core::engine::EngineResult;
use hyper::Method;
use serde_json::{Value, json};

use crate::connection::{Connection, encode};
use crate::logs::text_of;

/// How long the command may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// As long as any other call.
    Usual,
    /// As long as it likes.
    Endless,
}

/// Runs what `wanted` says (`Cmd`, and what else an exec can have), and gives its exit code and its output.
pub(crate) async fn run(
    engine: &Connection,
    id: &str,
    action: &str,
    wanted: &Value,
    patience: Patience,
) -> EngineResult<(Option<i64>, Vec<String>)> {
    let api = engine.api();
    let mut body = json!({"AttachStdout": true, "AttachStderr": true, "Tty": false});
    for (key, value) in wanted.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    let exec = create(engine, id, action, &body).await?;
    let (path, body) = (format!("/exec/{exec}/start"), json!({"Detach": false, "Tty": false}));
    let output = match patience {
        Patience::Usual => api.call(action, Method::POST, &path, Some(&body)).await?,
        Patience::Endless => api.call_patiently(action, Method::POST, &path, &body).await?,
    };
    let state = api.get(action, &format!("/exec/{exec}/json")).await?.unwrap_or_default();
    Ok((state.get("ExitCode").and_then(Value::as_i64), text_of(&output)))
}

/// Makes the engine ready to carry one out. Returns its id, as it stands in a path.
pub(crate) async fn create(
    engine: &Connection,
    id: &str,
    action: &str,
    body: &Value,
) -> EngineResult<String> {
    let path = format!("/containers/{}/exec", encode(id));
    let made = engine.api().call(action, Method::POST, &path, Some(body)).await?;
    let made: Value = serde_json::from_slice(&made).unwrap_or_default();
    Ok(encode(made.get("Id").and_then(Value::as_str).unwrap_or_default()))
}
