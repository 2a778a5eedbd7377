//! What the engine remembers of a container's past.

use std::time::Duration;

use backstay_core::engine::EngineResult;
use hyper::Method;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::connection::{Connection, encode};
use crate::container::short;

/// How long the engine may take: it goes on until its own clock has reached ours.
const LIMIT: Duration = Duration::from_secs(3);

/// The exit code of a container's last end. The engine keeps its last few hundred events.
pub(crate) async fn last_end(engine: &Connection, id: &str) -> EngineResult<Option<i64>> {
    let filters = encode(&json!({"container": [id], "event": ["die"]}).to_string());
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let until = now.map_or(1, |now| now.as_secs() + 1);
    let path = format!("/events?since=1&until={until}&filters={filters}");
    let action = format!("reading the events of container {}", short(id));
    match timeout(LIMIT, engine.api().call(&action, Method::GET, &path, None)).await {
        Ok(body) => Ok(last(&body?)),
        Err(_) => Ok(None),
    }
}

/// One JSON object after the other.
fn last(body: &[u8]) -> Option<i64> {
    let events =
        serde_json::Deserializer::from_slice(body).into_iter::<Value>().map_while(Result::ok);
    let code = |event: Value| event.pointer("/Actor/Attributes/exitCode")?.as_str()?.parse().ok();
    events.filter_map(code).last()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_end_counts() {
        let event = |code| json!({"Actor": {"Attributes": {"exitCode": code}}}).to_string();
        let body = format!("{}\n{}", event("1"), event("3"));
        assert_eq!(last(body.as_bytes()), Some(3));
        assert_eq!(last(b""), None);
    }
}
