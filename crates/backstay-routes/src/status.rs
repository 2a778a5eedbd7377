//! What the gateway has counted since its worker began. Numbers that end in `_now` go up and down, all others only up.
//! A new worker begins at zero.

use crate::snapshot::{Mode, Side};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// All of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The gateway's version.
    pub version: String,
    /// The newest snapshot format that it knows.
    pub format: u32,
    /// The worker's process.
    pub pid: u32,
    /// How long the worker has been there, in milliseconds.
    pub uptime_ms: u64,
    /// Of the routes in force; 0: none.
    pub generation: u64,
    /// The Compose project; empty where no routes are in force.
    pub project: String,
    /// Older workers that still finish what they have.
    pub retiring: u64,
    /// What is not as it should be, in words. Empty: nothing.
    pub trouble: Vec<String>,
    /// By port.
    pub listeners: Vec<ListenerStatus>,
    /// By name.
    pub services: BTreeMap<String, ServiceStatus>,
}

/// What arrived at a port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListenerStatus {
    /// The port.
    pub port: u16,
    /// As in the snapshot.
    pub label: String,
    /// As in the snapshot.
    pub mode: Mode,
    /// As in the snapshot.
    pub side: Side,
    /// Connections.
    pub accepted: u64,
    /// Connections that are open.
    pub connections_now: u64,
    /// Connections that were closed at once, because no route is for the address at which they arrived.
    pub no_route: u64,
}

/// What went to a service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceStatus {
    /// Whether it is held.
    pub shut: bool,
    /// Requests and connections that wait.
    pub held_now: u64,
    /// Requests and connections that have waited.
    pub held: u64,
    /// The sum of its targets, and what came to none.
    #[serde(flatten)]
    pub counters: Counters,
    /// Those in force, and the last ones before them.
    pub targets: Vec<TargetStatus>,
}

/// What went to a target.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetStatus {
    /// The container's id.
    pub id: String,
    /// The container's name.
    pub name: String,
    /// Its release.
    pub release: String,
    /// Its weight; 0 where it is not in force.
    pub weight: u8,
    /// Whether the routes in force have it.
    pub current: bool,
    /// For how many milliseconds more nothing new goes there, because it failed.
    pub ejected_ms: u64,
    /// What was counted.
    #[serde(flatten)]
    pub counters: Counters,
}

/// The numbers of a service or a target.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// HTTP requests.
    pub requests: u64,
    /// HTTP requests whose answer is not yet sent whole.
    pub requests_now: u64,
    /// TCP connections, upgrades, server-sent events.
    pub streams: u64,
    /// Those that are open.
    pub streams_now: u64,
    /// Answers by class; those of the gateway itself are in `errors`.
    pub statuses: Statuses,
    /// What did not reach the service or did not come back.
    pub errors: Errors,
    /// From the request's head to the answer's, waiting included: half of all took at most so many microseconds.
    pub p50_us: u64,
    /// 99 of 100 took at most so many microseconds.
    pub p99_us: u64,
    /// Bytes towards the service. HTTP: of bodies.
    pub bytes_in: u64,
    /// Bytes from the service. HTTP: of bodies.
    pub bytes_out: u64,
}

/// Answers by class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statuses {
    /// 100 to 199: only 101 is counted.
    pub informational: u64,
    /// 200 to 299.
    pub success: u64,
    /// 300 to 399.
    pub redirection: u64,
    /// 400 to 499.
    pub client_error: u64,
    /// 500 to 599.
    pub server_error: u64,
}

/// What went wrong, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errors {
    /// No connection to a target, after the last try: 502, or closed.
    pub connect: u64,
    /// The target closed the connection before or within its answer.
    pub reset: u64,
    /// There was no target: 503, or closed.
    pub no_target: u64,
    /// Held for longer than allowed: 504, or closed.
    pub held_too_long: u64,
    /// Too many were held already: 503, or closed.
    pub over_limit: u64,
    /// Streams that the gateway closed because their time was out.
    pub cut: u64,
    /// The client left before the answer. Nobody's fault; not part of [`Errors::total`].
    pub client_gone: u64,
}

impl Errors {
    /// Those that a client has noticed.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.connect + self.reset + self.no_target + self.held_too_long + self.over_limit + self.cut
    }
}
