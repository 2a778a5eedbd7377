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
    /// What two containers of the service write at once while one proves itself; empty where it does not run twice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<String>,
    /// Services that stay, and may have looked its address up: the new container takes it over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keeps_address_for: Vec<String>,
    /// How long two containers of the service run at once; `None` where they do not, or nobody has said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twice: Option<Twice>,
    /// For so many seconds its old containers stay up after the commit, so that a rollback is a switch back; `None` where they
    /// end with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm: Option<u64>,
    /// Whether nothing of the new container can be asked: it is seen to run, and no more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_seen: bool,
}

/// How long two containers of a service run at once, as far as it can be said beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Twice {
    /// Until the new one is ready, which takes so many seconds at most; `None` where it counts as ready when it runs.
    pub ready_within: Option<u64>,
    /// Then so many seconds while it is watched.
    pub watched: u64,
}

impl Change {
    /// A change with nothing that both containers share.
    #[must_use]
    pub fn new(
        service: &str,
        action: Action,
        method: Method,
        why: Vec<Why>,
        reasons: Vec<Reason>,
    ) -> Self {
        Self {
            service: service.to_owned(),
            action,
            method,
            why,
            reasons,
            shares: Vec::new(),
            keeps_address_for: Vec::new(),
            twice: None,
            warm: None,
            only_seen: false,
        }
    }
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
    /// A twin, which nobody can find, proves the release beside the old container; then the new container starts beside the
    /// old one and takes over.
    RehearsedBeside,
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
    /// It is an infrastructure service, and `update_config.order` does not say `start-first`. Only in plans of older
    /// versions.
    Infrastructure,
    /// Its image is a database's.
    Database {
        /// The image.
        image: String,
    },
    /// It writes to a volume or folder.
    Data {
        /// Which.
        source: String,
    },
    /// It writes to a volume or folder that another service uses too: a socket or a pid file there is only one's.
    SharedVolume {
        /// Which.
        source: String,
        /// That service.
        service: String,
    },
    /// Its image declares a volume.
    ImageVolume {
        /// The path in the container.
        path: String,
    },
    /// Nobody asks it anything, so that a second container would only do its work twice.
    NobodyConnects,
    /// Others wait for it to end: it runs once, before them.
    OneShot,
    /// Whoever reads labels finds a container of it as soon as it runs.
    FoundByLabel {
        /// The label.
        label: String,
    },
    /// Its hostname is a DNS name.
    FoundByHostname {
        /// The hostname.
        hostname: String,
    },
    /// A proxy that reads variables finds a container of it as soon as it runs.
    FoundByVariable {
        /// The variable's name.
        variable: String,
    },
    /// Its labels are others than before: two containers must not be routed by both.
    LabelsDiffer,
    /// The machine has too little free memory to run it twice.
    Memory {
        /// What it uses, in bytes.
        needs: u64,
        /// What is free, in bytes.
        free: u64,
    },
    /// Rehearsals were turned off.
    NoRehearsal,
    /// It stands still while data that it writes is saved and changed.
    StandsStill,
    /// Its old container does not run, so that nothing is interrupted.
    NotRunning,
    /// It looks another service up when it starts, which is to find the gateway then and not that service's new container.
    LooksUp {
        /// That service.
        service: String,
    },
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
    /// The gateway takes the service's names over from its containers, or gives them back.
    Names {
        /// Whether it has them afterwards.
        gateway: bool,
    },
}
