//! A command inside a container.

use std::time::Duration;

use backstay_core::engine::{Answer, EngineErrorKind, EngineResult};
use serde_json::json;
use tokio::time::timeout;

use super::late;
use crate::connection::Connection;
use crate::container::short;
use crate::exec::{self, Patience};

pub(super) async fn run(
    engine: &Connection,
    id: &str,
    command: &[String],
    limit: Duration,
) -> EngineResult<Answer> {
    match timeout(limit, answer(engine, id, command)).await {
        Err(_) => Ok(Answer::Failed(late(limit))),
        Ok(Ok(answer)) => Ok(answer),
        // A container that has ended, a command that is not in it: the container's doing, not the engine's.
        Ok(Err(error)) if error.kind != EngineErrorKind::NotRunning => {
            Ok(Answer::Failed(error.message))
        }
        Ok(Err(error)) => Err(error),
    }
}

async fn answer(engine: &Connection, id: &str, command: &[String]) -> EngineResult<Answer> {
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
    exec::run(engine, id, &action, &json!({"Cmd": command}), Patience::Usual).await
}
