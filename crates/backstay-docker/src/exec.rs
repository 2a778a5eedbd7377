//! A command inside a container that runs, as the engine carries it out.

use std::time::Duration;

use backstay_core::engine::EngineResult;
use hyper::Method;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
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

/// Begins what `wanted` says (`Cmd`, and which streams it has). Returns its id, and the connection with its streams.
pub(crate) async fn attach(
    engine: &Connection,
    id: &str,
    action: &str,
    wanted: &Value,
) -> EngineResult<(String, TokioIo<Upgraded>)> {
    let exec = create(engine, id, action, wanted).await?;
    let (path, body) = (format!("/exec/{exec}/start"), json!({"Detach": false, "Tty": false}));
    let stream = engine.api().upgrade(action, &path, &body).await?;
    Ok((exec, stream))
}

/// The exit code of one whose streams have ended. `None` where the engine takes no note of its end.
pub(crate) async fn exit_code(
    engine: &Connection,
    action: &str,
    exec: &str,
) -> EngineResult<Option<i64>> {
    let path = format!("/exec/{exec}/json");
    for _ in 0..100 {
        let state = engine.api().get(action, &path).await?.unwrap_or_default();
        if state.get("Running") != Some(&json!(true)) {
            return Ok(state.get("ExitCode").and_then(Value::as_i64));
        }
        // The streams may end a moment before the engine takes note of it.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(None)
}

/// Makes the engine ready to carry one out. Returns its id, as it stands in a path.
async fn create(engine: &Connection, id: &str, action: &str, body: &Value) -> EngineResult<String> {
    let path = format!("/containers/{}/exec", encode(id));
    let made = engine.api().call(action, Method::POST, &path, Some(body)).await?;
    let made: Value = serde_json::from_slice(&made).unwrap_or_default();
    Ok(encode(made.get("Id").and_then(Value::as_str).unwrap_or_default()))
}
