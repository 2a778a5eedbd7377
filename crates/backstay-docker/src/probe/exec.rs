//! A command inside a container.

use std::time::Duration;

use backstay_core::ports::{Answer, EngineErrorKind, EngineResult};
use hyper::Method;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::late;
use crate::connection::{Connection, encode};
use crate::container::short;
use crate::logs::text_of;

pub(super) async fn run(
    engine: &Connection,
    id: &str,
    command: &[String],
    limit: Duration,
) -> EngineResult<Answer> {
    match timeout(limit, exec(engine, id, command)).await {
        Err(_) => Ok(Answer::Failed(late(limit))),
        Ok(Ok(answer)) => Ok(answer),
        // A container that has ended, a command that is not in it: the container's doing, not the engine's.
        Ok(Err(error)) if error.kind != EngineErrorKind::NotRunning => {
            Ok(Answer::Failed(error.message))
        }
        Ok(Err(error)) => Err(error),
    }
}

async fn exec(engine: &Connection, id: &str, command: &[String]) -> EngineResult<Answer> {
    let (code, mut said) = output(engine, id, command).await?;
    if code == Some(0) {
        return Ok(Answer::Passed);
    }
    let last = said.pop().unwrap_or_default();
    let code = code.map_or_else(|| "no exit code".to_owned(), |code| format!("exit code {code}"));
    Ok(Answer::Failed(if last.is_empty() { code } else { format!("{code}: {last}") }))
}

/// Runs a command in a container, as its user and with its environment. Returns its exit code and its output.
pub(super) async fn output(
    engine: &Connection,
    id: &str,
    command: &[String],
) -> EngineResult<(Option<i64>, Vec<String>)> {
    let action = format!("running a health check in container {}", short(id));
    let api = engine.api();
    let body = json!({"Cmd": command, "AttachStdout": true, "AttachStderr": true, "Tty": false});
    let path = format!("/containers/{}/exec", encode(id));
    let made = api.call(&action, Method::POST, &path, Some(&body)).await?;
    let made: Value = serde_json::from_slice(&made).unwrap_or_default();
    let exec = encode(made.get("Id").and_then(Value::as_str).unwrap_or_default());
    let body = json!({"Detach": false, "Tty": false});
    let output =
        api.call(&action, Method::POST, &format!("/exec/{exec}/start"), Some(&body)).await?;
    let state = api.get(&action, &format!("/exec/{exec}/json")).await?.unwrap_or_default();
    Ok((state.get("ExitCode").and_then(Value::as_i64), text_of(&output)))
}
