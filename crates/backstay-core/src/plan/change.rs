//! What a run does to a service, how, and why: the part of a plan that a person reads.

use serde::{Deserialize, Serialize};

/// What happens to a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The service.
    pub service: String,
    /// What is done to it.
    pub action: Action,
    /// How, where containers are replaced.
    pub method: Method,
    /// Why the method is not the smoother one.
    pub why: Vec<Why>,
    /// What is different; empty for a service that stays.
    pub reasons: Vec<Reason>,
}

/// What is done to a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Action {
    /// Its containers stay as they are.
    Keep,
    /// It is built first; its containers are replaced if the image comes out different. Only before a build is done.
    BuildFirst,
    /// It is new.
    Add,
    /// Its containers are replaced.
    Replace,
    /// Its containers stay, and some come or go.
    Scale {
        /// How many there are.
        from: u32,
        /// How many there will be.
        to: u32,
    },
    /// Its containers are there but do not run.
    Start,
    /// It is not part of the release any more.
    Remove,
}

/// How containers are replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Nothing is replaced.
    None,
    /// The new container starts beside the old one and takes over when it has proved itself.
    Beside,
    /// A twin proves the release beside the old container; then the old one is stopped and the new one started.
    RehearsedSwap,
    /// The old container is stopped and kept, then the new one started.
    StopFirst,
}

/// What keeps a service from being replaced side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Why {
    /// Two containers can't have the same host port.
    HostPort {
        /// The port.
        port: String,
    },
    /// It uses the host's network, where two copies would claim the same ports.
    HostNetwork,
    /// It lives in another service's network or process namespace, or uses its volumes.
    BorrowsFrom {
        /// That service.
        service: String,
    },
    /// It has an address of its own on a network.
    FixedAddress {
        /// The network.
        network: String,
    },
    /// `update_config.order` says `stop-first`.
    OrderStopFirst,
    /// It is an infrastructure service, and `update_config.order` does not say `start-first`.
    Infrastructure,
    /// Its image is a database's.
    Database {
        /// The image.
        image: String,
    },
    /// Rehearsals were turned off.
    NoRehearsal,
    /// Its old container does not run, so that nothing is interrupted.
    NotRunning,
}

/// What is different about a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Reason {
    /// Its image.
    Image {
        /// The id that runs.
        from: String,
        /// The id that should run; empty before it is built or pulled.
        to: String,
    },
    /// Its definition, or a file, config or secret that it uses.
    Definition,
    /// A service whose namespaces or volumes it borrows is replaced.
    Borrows {
        /// That service.
        service: String,
    },
    /// The container is not running, restarting or dead.
    NotRunning,
}
