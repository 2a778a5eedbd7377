//! Containers, as the engine tells of them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// Its full id.
    pub id: String,
    /// Its name, without the leading slash.
    pub name: String,
    /// The service it belongs to.
    pub service: String,
    /// Its number among the service's containers.
    pub number: u32,
    /// The id of the image it runs.
    pub image: String,
    /// The reference it was created from.
    pub image_ref: String,
    /// The label `backstay.run`: which run created it.
    pub run: Option<String>,
    /// The label `backstay.fingerprint`.
    pub fingerprint: Option<String>,
    /// Whether it is a rehearsal, never to be live.
    pub rehearsal: bool,
    /// Compose's own hash of the service that it was created from.
    pub compose_hash: Option<String>,
    /// What it is doing.
    pub state: State,
    /// Its DNS names on each network, by the network's name; without those that the engine adds by itself.
    pub networks: BTreeMap<String, Vec<String>>,
    /// Its addresses on each network while it runs, by the network's name.
    #[serde(default)]
    pub addresses: BTreeMap<String, String>,
    /// Its labels, without those of Compose and Backstay.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// The fixed host ports that it publishes when it runs.
    pub ports: Vec<HostPort>,
    /// When it was created, RFC 3339.
    pub created: String,
    /// The label `backstay.replaces`: the ids of the containers whose place it was made to take.
    #[serde(default)]
    pub replaces: Vec<String>,
    /// The label `backstay.inside`: it was made without its service's names, which the gateway has.
    #[serde(default)]
    pub inside: bool,
    /// The label `backstay.state`: on which machine, and where, its run has its journal.
    #[serde(default)]
    pub kept_at: Option<String>,
    /// The project directory that Compose was told when it made it; `None` where it does not say.
    #[serde(default)]
    pub directory: Option<PathBuf>,
    /// The compose files.
    #[serde(default)]
    pub files: Vec<PathBuf>,
}

impl Container {
    /// Whether it was started and has not ended for good.
    #[must_use]
    pub const fn is_up(&self) -> bool {
        matches!(self.state.status, Status::Running | Status::Restarting | Status::Paused)
    }
}

/// What a container is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Its status.
    pub status: Status,
    /// The exit code of its last end.
    pub exit_code: i64,
    /// How often the engine has restarted it by its restart policy.
    pub restarts: u32,
    /// When it was last started, RFC 3339; empty when never.
    pub started_at: String,
    /// Whether it was last ended for want of memory.
    pub oom_killed: bool,
    /// Why it could not be started, in the engine's words.
    pub error: String,
    /// Its health, where it has a healthcheck.
    pub health: Option<Health>,
    /// The output of the last probes, oldest first.
    pub health_log: Vec<String>,
}

/// `State.Status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Created, never started.
    Created,
    /// Running.
    Running,
    /// Paused.
    Paused,
    /// Ended, to be started again by its restart policy.
    Restarting,
    /// Ended.
    Exited,
    /// Being removed, or could not be.
    Dead,
}

/// `State.Health.Status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// No verdict yet.
    Starting,
    /// It passes.
    Healthy,
    /// It fails.
    Unhealthy,
}

/// A fixed port of the host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HostPort {
    /// The address; empty for all.
    pub address: String,
    /// The port.
    pub port: u16,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
}

/// A container of somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stranger {
    /// Its name, without the leading slash.
    pub name: String,
    /// The project that it belongs to; `None` for one that Compose did not make.
    pub project: Option<String>,
    /// The files and folders of the host that it mounts.
    pub mounts: Vec<String>,
}
