//! What gateway a model asks for, and whether it comes, goes or stays.

use std::collections::BTreeSet;

use super::change::{Action, Change};
use super::desired::{Desired, Running};
use crate::engine::{Container, Gateway};
use crate::naming::is_temporary;
use crate::stack::{HeldPort, Model};

/// The gateway that a model asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wish {
    /// The host ports that it holds.
    pub ports: Vec<HeldPort>,
    /// The networks on which it reaches the services.
    pub networks: BTreeSet<String>,
}

impl Wish {
    /// Whether a gateway is the one that is asked for, but for its routes.
    pub(crate) fn is(&self, gateway: &Gateway) -> bool {
        gateway.running && gateway.ports == self.ports && gateway.networks == self.networks
    }
}

/// The gateway that a model asks for; `None` where it asks for none.
pub(crate) fn wish(model: &Model) -> Option<Wish> {
    let held = model.gateway.ports.iter();
    let ports: Vec<HeldPort> =
        held.filter(|port| model.services.contains_key(&port.service)).cloned().collect();
    if ports.is_empty() {
        return None;
    }
    let of_services = ports.iter().filter_map(|port| model.services.get(&port.service));
    let keys = of_services.flat_map(|service| service.networks.keys());
    let networks = keys.filter_map(|key| Some(model.networks.get(key)?.name.clone())).collect();
    Some(Wish { ports, networks })
}

/// The one that is live.
pub(crate) fn live_gateway(gateways: Vec<Gateway>) -> Option<Gateway> {
    gateways.into_iter().find(|gateway| !is_temporary(&gateway.name))
}

/// The name of a project's gateway.
pub(crate) fn gateway_name(project: &str) -> String {
    format!("{project}-backstay-gateway")
}

/// What becomes of the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// It stays as it is, or there is none.
    Stays,
    /// A new one comes, after these services have let go of the host ports that it is to hold.
    Comes(Vec<String>),
    /// There is to be none.
    Goes,
}

/// What becomes of it.
pub(super) fn fate(desired: &Desired<'_>, running: &Running, changes: &[Change]) -> Fate {
    let Some(wish) = wish(desired.model) else {
        return if running.gateway.is_some() { Fate::Goes } else { Fate::Stays };
    };
    if running.gateway.as_ref().is_some_and(|gateway| wish.is(gateway)) {
        return Fate::Stays;
    }
    let has_one = |container: &Container| {
        container.ports.iter().any(|held| {
            held.protocol == "tcp" && wish.ports.iter().any(|port| port.host == held.port)
        })
    };
    let lets_go = changes.iter().filter(|change| {
        let of_it = |container: &&Container| container.service == change.service;
        change.action == Action::Replace && running.containers.iter().filter(of_it).any(has_one)
    });
    Fate::Comes(lets_go.map(|change| change.service.clone()).collect())
}
