//! The gateway of a stack: the container that holds host ports for services.

use std::collections::BTreeSet;

use backstay_routes::Snapshot;
use serde::{Deserialize, Serialize};

use super::port::PortClaim;
use crate::stack::{HeldPort, Port};

impl HeldPort {
    /// The port that is claimed on the host.
    #[must_use]
    pub fn claim(&self) -> PortClaim {
        let port = Port {
            host_ip: self.host_ip.clone(),
            published: Some((self.host, self.host)),
            target: self.target,
            protocol: "tcp".to_owned(),
        };
        PortClaim { service: self.service.clone(), port }
    }
}

/// A gateway that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gateway {
    /// The container's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The run that made it.
    pub run: Option<String>,
    /// Whether it runs.
    pub running: bool,
    /// The host ports that it holds when it runs.
    pub ports: Vec<HeldPort>,
    /// The networks that it is on.
    pub networks: BTreeSet<String>,
    /// What it was made from: the digest of its program.
    pub program: String,
}

/// A gateway that is to be created.
#[derive(Debug)]
pub struct GatewayRequest<'a> {
    /// The project.
    pub project: &'a str,
    /// The run, for the label.
    pub run: &'a str,
    /// The container's name.
    pub name: &'a str,
    /// The host ports that it is to hold.
    pub ports: &'a [HeldPort],
    /// The networks that it is to be on.
    pub networks: &'a BTreeSet<String>,
    /// The routes that it begins with.
    pub routes: &'a Snapshot,
}

/// What is to be held for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldRequest {
    /// The service.
    pub service: String,
    /// How many may wait.
    pub limit: u64,
    /// How long each may wait, in milliseconds.
    pub wait_ms: u64,
}
