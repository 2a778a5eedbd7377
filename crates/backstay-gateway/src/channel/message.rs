//! What supervisor and worker say to each other. Two versions of the program speak it with each other during an upgrade: what is
//! added must have a default, and what is there stays.

use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;

/// What both processes were told when the gateway was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// The state folder.
    pub state: PathBuf,
    /// The name server, where it is not the system's.
    #[serde(default)]
    pub nameserver: Option<SocketAddr>,
    /// How long requests have after SIGTERM, in milliseconds.
    pub grace_ms: u64,
    /// How many threads carry traffic.
    pub threads: usize,
}

/// A port whose listening socket comes along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Port(pub u16);

/// To a worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub(crate) enum ToWorker {
    /// Begin. With it come the control socket, and a listening socket for each port.
    Start {
        settings: Settings,
        ports: Vec<Port>,
        /// Whether to answer on the control socket at once. Otherwise `Lead` says when.
        lead: bool,
        /// Whether routes that can't be read are a reason to give up: the one before could read them.
        strict: bool,
    },
    /// Answer on the control socket.
    Lead,
    /// Another worker is ready: accept nothing more, and finish what there is.
    Retire,
    /// The upgrade that you asked for.
    Upgraded { pid: u32, version: String },
    /// It came to nothing.
    NotUpgraded { why: String },
    /// SIGTERM: accept nothing more, finish, and end in time.
    Stop,
}

/// To the supervisor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub(crate) enum ToSupervisor {
    /// The sockets that come along listen on this port.
    Bound { port: Port },
    /// Nobody listens there any more.
    Unbound { port: Port },
    /// What arrives is answered.
    Ready { version: String },
    /// Nothing more is accepted.
    Retiring,
    /// Start a worker from this program, and let it go on in my place.
    Upgrade { binary: Option<PathBuf> },
}

/// What the supervisor leaves to the program that it becomes. With it come the control socket, a listening socket for each
/// port, and the link of each worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Roster {
    pub settings: Settings,
    /// The image's own program.
    pub image: PathBuf,
    pub ports: Vec<Port>,
    pub workers: Vec<RosterWorker>,
}

/// A worker in the roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RosterWorker {
    pub pid: u32,
    pub binary: PathBuf,
    pub serves: bool,
}
