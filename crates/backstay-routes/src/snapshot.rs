//! Where what arrives goes to: the one thing that the command tells the gateway, whole each time.

use crate::refusal::{Refusal, RefusalKind, Result};
use crate::subnet::Subnet;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The newest format that this version knows. A field more, or another meaning, is a new format: what an older gateway
/// does not understand it must not ignore.
pub const FORMAT: u32 = 1;

/// All routes of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// [`FORMAT`].
    pub format: u32,
    /// Grows with each snapshot of a stack.
    pub generation: u64,
    /// The Compose project.
    pub project: String,
    /// By name.
    pub services: BTreeMap<String, Service>,
    /// One for each port.
    pub listeners: Vec<Listener>,
}

/// Who answers for a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The containers. None of them is no error: requests are then answered with 503.
    pub targets: Vec<Target>,
    /// For how many seconds a target that is drained may work on its requests.
    pub drain: u64,
    /// For how many seconds a target that is drained keeps streams: WebSockets and other upgrades, server-sent events,
    /// TCP connections.
    pub stream_drain: u64,
    /// Whether the service expects a PROXY header, version 2.
    #[serde(default)]
    pub proxy_protocol: bool,
}

/// One container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The container's id. Its first twelve characters are its name in the engine's DNS.
    pub id: String,
    /// The container's name, asked for where the id is not known: a container that Compose made anew keeps it.
    pub name: String,
    /// A fixed address, for what is no container. Neither id nor name are asked for then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// The release that it belongs to.
    pub release: String,
    /// Its share beside the other targets, 0 to 100. Where all are equal, the one with the fewest connections is taken.
    pub weight: u8,
}

/// A port on which the gateway listens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listener {
    /// On all addresses of the gateway's container.
    pub port: u16,
    /// What is spoken there.
    pub mode: Mode,
    /// Who comes there.
    pub side: Side,
    /// For people: what leads there, as in `0.0.0.0:8080`.
    pub label: String,
    /// The first whose subnets contain the address at which a connection arrived.
    pub routes: Vec<Route>,
}

/// Where a listener leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The subnets of the gateway's own addresses. None: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subnets: Vec<Subnet>,
    /// The service's name.
    pub service: String,
    /// The port of its containers.
    pub to: u16,
}

/// What is spoken on a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// HTTP where the first bytes are HTTP's, else TCP.
    Auto,
    /// HTTP/1.1 or HTTP/2 without TLS.
    Http,
    /// Bytes.
    Tcp,
}

/// Who comes to a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Whoever reaches the host. Requests get the headers of a proxy.
    Outside,
    /// The stack's own services. Nothing is added to requests.
    Inside,
}

impl Snapshot {
    /// One without routes.
    #[must_use]
    pub fn empty(project: &str) -> Self {
        Self {
            format: FORMAT,
            generation: 0,
            project: project.to_owned(),
            services: BTreeMap::new(),
            listeners: Vec::new(),
        }
    }

    /// Reads and checks one. The format is looked at first, so that a newer one is called newer and not malformed.
    pub fn read(value: serde_json::Value) -> Result<Self> {
        let format = value.get("format").and_then(serde_json::Value::as_u64).ok_or_else(|| {
            Refusal::new(RefusalKind::Malformed, "the snapshot has no `format`; it is a number")
        })?;
        if format > u64::from(FORMAT) {
            let message = format!(
                "the snapshot has format {format}, and this gateway knows {FORMAT} at most; upgrade the gateway first"
            );
            return Err(Refusal::new(RefusalKind::Format, message));
        }
        let snapshot: Self = serde_json::from_value(value).map_err(|error| {
            Refusal::new(RefusalKind::Malformed, format!("the snapshot can't be read: {error}"))
        })?;
        snapshot.check()?;
        Ok(snapshot)
    }
}
