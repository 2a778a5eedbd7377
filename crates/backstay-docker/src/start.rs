//! Starting a container, and what can be said where a host port keeps it from that.

use backstay_core::engine::{EngineErrorKind, EngineResult};
use hyper::Method;
use serde_json::{Value, json};

use crate::connection::{Connection, encode};
use crate::container::short;
use crate::containers::{inspect_one, summaries};
use crate::hooks::{self, Memory};
use crate::remains;

/// Starts a container, with its hooks. Starting one that runs is fine.
pub(crate) async fn start(engine: &Connection, memory: &Memory, id: &str) -> EngineResult<()> {
    let detail = inspect_one(engine, id).await?.unwrap_or_default();
    let hooks = memory.of(&detail);
    if hooks.is_empty() || detail.pointer("/State/Running") == Some(&json!(true)) {
        return start_alone(engine, id).await;
    }
    hooks::before_start(engine, memory, &detail, &hooks).await?;
    start_alone(engine, id).await?;
    hooks::after_start(engine, memory, &detail, &hooks).await
}

async fn start_alone(engine: &Connection, id: &str) -> EngineResult<()> {
    let (action, path) =
        (format!("starting container {}", short(id)), format!("/containers/{}/start", encode(id)));
    let done = engine.api().call_patiently(&action, Method::POST, &path, &Value::Null).await;
    let Err(mut error) = done else { return Ok(()) };
    let place = remains::place(&error.message, id);
    let is_lost = match allocated(&error.message) {
        Some(port) => !is_published(engine, port).await,
        None => place.is_some(),
    };
    if is_lost {
        error.kind = EngineErrorKind::LostCount;
        error.message = format!("{}; nothing has it, the engine has lost count", error.message);
        error.remains = place.and_then(|place| remains::stuck(&place)).unwrap_or_default();
    }
    Err(error)
}

/// The host port that the engine itself says it has given away already. One that another program listens on is refused
/// with other words.
fn allocated(message: &str) -> Option<u16> {
    let (before, _) = message.split_once(" failed: port is already allocated")?;
    before.rsplit(':').next()?.parse().ok()
}

/// Whether a running container has this host port. Where that can't be said, one may.
async fn is_published(engine: &Connection, port: u16) -> bool {
    let publish = [format!("{port}/tcp"), format!("{port}/udp"), format!("{port}/sctp")];
    let filters = json!({"publish": publish});
    let found = summaries(engine, "listing containers", &filters, false).await;
    found.map_or(true, |containers| !containers.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_the_engine_has_given_away_is_told_from_one_that_a_program_has() {
        let begin = "driver failed programming external connectivity on endpoint web (f06): ";
        let said = |words: &str| allocated(&format!("{begin}{words}"));
        assert_eq!(said("Bind for 0.0.0.0:8080 failed: port is already allocated"), Some(8080));
        assert_eq!(said("Bind for :::8080 failed: port is already allocated"), Some(8080));
        let listens = "failed to bind host port for 0.0.0.0:8080: address already in use";
        assert_eq!(said(listens), None);
    }
}
