//! What can be asked of the gateway on its control socket: a line of JSON each.

use crate::refusal::{Refusal, RefusalKind, Result};
use crate::snapshot::Snapshot;
use serde::{Deserialize, Serialize};

/// A request with the number that its answer will have. Requests of one connection run side by side: whoever sends one
/// before the other is answered tells the answers apart by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// Any number, or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// What is asked for.
    #[serde(flatten)]
    pub request: Request,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Request {
    /// These routes, all of them, from the answer on.
    Apply {
        /// The routes.
        snapshot: Snapshot,
    },
    /// Let what arrives for these services wait. The hold ends with the connection, and with its lease.
    Hold(Hold),
    /// A new lease for all holds of this connection, in milliseconds from now.
    Renew {
        /// In milliseconds.
        lease_ms: u64,
    },
    /// Let what waits for these services go, in steps.
    Open {
        /// The names.
        services: Vec<String>,
    },
    /// Wait until nothing is under way to a target any more.
    Drain {
        /// The service's name.
        service: String,
        /// The target's id.
        target: String,
        /// At most this long; the service's own times hold within it.
        timeout_ms: u64,
    },
    /// Connect to all ports of all targets, and say what is found there.
    Reach,
    /// What has been counted.
    Status,
    /// The same for Prometheus.
    Metrics,
    /// A line of JSON on standard output for each request, or not.
    AccessLog {
        /// Whether.
        on: bool,
    },
    /// Go on as another process.
    Upgrade {
        /// Its program, a path within the gateway's container; none: the one that runs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        binary: Option<String>,
    },
    /// Say that you are there.
    Ping,
}

/// A hold and its bounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// The names.
    pub services: Vec<String>,
    /// How many may wait, for each service.
    pub limit: u64,
    /// How long each may wait, in milliseconds.
    pub wait_ms: u64,
    /// How long the hold lasts if it is not renewed, in milliseconds.
    pub lease_ms: u64,
}

impl Envelope {
    /// Reads a line. With a refusal comes the number, as far as it could be read.
    pub fn read(line: &[u8]) -> std::result::Result<Self, (Option<u64>, Refusal)> {
        let mut value: serde_json::Value =
            serde_json::from_slice(line).map_err(|error| (None, malformed(&error)))?;
        let id = value.get("id").and_then(serde_json::Value::as_u64);
        let request = read_request(&mut value).map_err(|refusal| (id, refusal))?;
        Ok(Self { id, request })
    }
}

fn read_request(value: &mut serde_json::Value) -> Result<Request> {
    if value.get("op").and_then(serde_json::Value::as_str) == Some("apply") {
        let snapshot = value.get_mut("snapshot").map(serde_json::Value::take).unwrap_or_default();
        return Ok(Request::Apply { snapshot: Snapshot::read(snapshot)? });
    }
    serde_json::from_value(value.take()).map_err(|error| malformed(&error))
}

fn malformed(error: &serde_json::Error) -> Refusal {
    Refusal::new(RefusalKind::Malformed, format!("the line is no request: {error}"))
}

#[cfg(test)]
mod tests {
    use super::{Envelope, Hold, Request};
    use crate::refusal::RefusalKind;

    #[test]
    fn a_request_is_one_object() {
        let hold =
            Hold { services: vec!["app".into()], limit: 100, wait_ms: 10_000, lease_ms: 5_000 };
        let envelope = Envelope { id: Some(7), request: Request::Hold(hold) };
        let text = r#"{"id":7,"op":"hold","services":["app"],"limit":100,"wait_ms":10000,"lease_ms":5000}"#;
        assert_eq!(serde_json::to_string(&envelope).unwrap(), text);
        assert_eq!(Envelope::read(text.as_bytes()).unwrap(), envelope);
        let (service, target) = ("app".to_owned(), "0123".to_owned());
        let request = Request::Drain { service, target, timeout_ms: 5 };
        let drain = Envelope { id: Some(8), request };
        let text = serde_json::to_string(&drain).unwrap();
        assert_eq!(Envelope::read(text.as_bytes()).unwrap(), drain);
        let ping = Envelope::read(br#"{"op":"ping"}"#).unwrap();
        assert_eq!(ping, Envelope { id: None, request: Request::Ping });
    }

    #[test]
    fn a_refusal_keeps_the_number() {
        let (id, refusal) = Envelope::read(br#"{"id":9,"op":"fly"}"#).unwrap_err();
        assert_eq!((id, refusal.kind), (Some(9), RefusalKind::Malformed));
        let newer = br#"{"id":3,"op":"apply","snapshot":{"format":9}}"#;
        let (id, refusal) = Envelope::read(newer).unwrap_err();
        assert_eq!((id, refusal.kind), (Some(3), RefusalKind::Format));
        assert_eq!(Envelope::read(b"hello").unwrap_err().0, None);
    }
}
