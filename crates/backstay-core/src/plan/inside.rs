//! What the gateway carries inside: the services whose names it has for their siblings, with their ports, and why not the others.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::desired::{Desired, Running};
use super::gateway::wish;
use super::hazards;
use crate::engine::NamesInside;
use crate::stack::Service;

/// More ports than a service is led to by.
const MOST_PORTS: usize = 32;

/// What the gateway carries inside, and what it leaves out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Inside {
    /// The services whose names it has.
    pub carried: BTreeMap<String, Carried>,
    /// Those that it could have, and why it does not.
    pub left_out: BTreeMap<String, LeftOut>,
    /// Whether a gateway that is there can't get these names: they are given to a container when it is made.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub anew: bool,
}

/// A service that is led to inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Carried {
    /// Its names by network.
    pub names: BTreeMap<String, Vec<String>>,
    /// The ports of its containers.
    pub ports: BTreeSet<u16>,
}

/// Why a service is found by its own containers' names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum LeftOut {
    /// It is a database.
    Database {
        /// By what it is known.
        image: String,
    },
    /// It has data, and no host port.
    Data,
    /// It has no network of the stack to itself, or lends its own.
    Network,
    /// Its container has the service's name itself: `container_name` or `hostname`.
    OwnName {
        /// The name.
        name: String,
    },
    /// Another service is linked to its container.
    Linked {
        /// That service.
        service: String,
    },
    /// It listens for datagrams too.
    Udp,
    /// Nobody knows on which ports it listens.
    NoPorts,
    /// It listens on more than are led.
    ManyPorts,
    /// Another one that could be carried listens on the same port in the same network, where the gateway has one address.
    SamePort {
        /// The port.
        port: u16,
        /// That service.
        service: String,
    },
    /// The gateway listens there for a host port.
    GatewaysPort {
        /// The port.
        port: u16,
    },
    /// The gateway that is there gets no further names.
    Later,
}

impl Inside {
    /// Whether nothing is said of any service.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.carried.is_empty() && self.left_out.is_empty()
    }

    /// The names that a gateway has for them.
    pub(crate) fn names(&self) -> NamesInside {
        let names = self.carried.iter().map(|(name, to)| (name.clone(), to.names.clone()));
        names.collect()
    }
}

/// What the gateway is to carry.
pub(super) fn inside(desired: &Desired<'_>, running: &Running) -> Inside {
    let Some(wish) = wish(desired.model) else { return Inside::default() };
    let services = &desired.model.services;
    let empty = NamesInside::new();
    let now = running.gateway.as_ref().map_or(&empty, |gateway| &gateway.inside);
    let carried = |service: &Service| Carried {
        names: names(desired, service),
        ports: ports(desired, running, service),
    };
    if desired.only.is_some() {
        // What the whole stack's gateway carries is no matter of some of its services.
        let same = services.values().filter_map(|service| {
            let names = now.get(&service.name)?.clone();
            let ports = ports(desired, running, service);
            Some((service.name.clone(), Carried { names, ports }))
        });
        return Inside { carried: same.collect(), ..Inside::default() };
    }
    let mut able = BTreeMap::new();
    let mut left_out = BTreeMap::new();
    for service in services.values().filter(|service| is_wanted(desired, service)) {
        let found = carried(service);
        match obstacle(desired, service, &found) {
            None => drop(able.insert(service.name.clone(), found)),
            Some(why) => drop(left_out.insert(service.name.clone(), why)),
        }
    }
    for (name, why) in collisions(desired, &able) {
        able.remove(&name);
        left_out.insert(name, why);
    }
    let is_there = running.gateway.as_ref().is_some_and(|gateway| wish.is(gateway));
    let keeps = now
        .iter()
        .filter(|(name, _)| services.contains_key(*name))
        .all(|(name, names)| able.get(name).is_some_and(|able| &able.names == names));
    let more = able.keys().any(|name| !now.contains_key(name));
    let anew = !is_there || !keeps || more && desired.takes_in;
    if !anew {
        let later: Vec<String> =
            able.keys().filter(|name| !now.contains_key(*name)).cloned().collect();
        for name in later {
            able.remove(&name);
            left_out.insert(name, LeftOut::Later);
        }
    }
    Inside { carried: able, left_out, anew }
}

/// Whether a service is asked to be carried, or nothing is said and there may be siblings that ask for it.
fn is_wanted(desired: &Desired<'_>, service: &Service) -> bool {
    let rules = &desired.model.gateway;
    let settings = rules.of(&service.name);
    if settings.inside == Some(false) || settings.enabled == Some(false) || service.replicas == 0 {
        return false;
    }
    settings.inside == Some(true)
        || rules.holds_for(&service.name)
        || rules.whole && !hazards::is_awaited_to_end(desired.model, &service.name)
}

fn is_told(desired: &Desired<'_>, name: &str) -> bool {
    desired.model.gateway.of(name).inside == Some(true)
}

fn obstacle(desired: &Desired<'_>, service: &Service, found: &Carried) -> Option<LeftOut> {
    let (model, name) = (desired.model, &service.name);
    let facts = desired.facts.get(name);
    let lends = |other: &&Service| {
        let mode = other.network_mode.as_deref().unwrap_or_default();
        mode.strip_prefix("service:") == Some(name)
            || mode.starts_with("container:") && other.borrows.contains(name)
    };
    if found.names.is_empty() || model.services.values().any(|other| lends(&other)) {
        return Some(LeftOut::Network);
    }
    if !is_told(desired, name) {
        if let Some(image) = hazards::database(service, facts) {
            return Some(LeftOut::Database { image });
        }
        let held = model.gateway.holds_for(name);
        if !held && !hazards::data(service, model, facts).is_empty() {
            return Some(LeftOut::Data);
        }
    }
    let hostname = service.raw.get("hostname").and_then(Value::as_str);
    let own = [service.container_name.as_deref(), hostname];
    let is_ours = |own: &&str| found.names.values().flatten().any(|name| name == own);
    if let Some(own) = own.into_iter().flatten().find(is_ours) {
        return Some(LeftOut::OwnName { name: own.to_owned() });
    }
    let is_linked = |other: &&Service| hazards::linked(other).any(|linked| linked == name);
    if let Some(other) = model.services.values().find(is_linked) {
        return Some(LeftOut::Linked { service: other.name.clone() });
    }
    if listens_for_datagrams(service) {
        return Some(LeftOut::Udp);
    }
    if found.ports.is_empty() {
        return Some(LeftOut::NoPorts);
    }
    if found.ports.len() > MOST_PORTS {
        return Some(LeftOut::ManyPorts);
    }
    let mut gateways = model.gateway.ports.iter().map(|held| held.at);
    let taken = gateways.find(|at| found.ports.contains(at));
    taken.map(|port| LeftOut::GatewaysPort { port })
}

fn listens_for_datagrams(service: &Service) -> bool {
    let exposed = service.raw.get("expose").and_then(Value::as_array).into_iter().flatten();
    let mut exposed = exposed.filter_map(Value::as_str);
    service.ports.iter().any(|port| port.protocol != "tcp")
        || exposed.any(|port| port.ends_with("/udp") || port.ends_with("/sctp"))
}

/// The names that Compose gives to the containers of a service, but for each one's own.
fn names(desired: &Desired<'_>, service: &Service) -> BTreeMap<String, Vec<String>> {
    if service.network_mode.is_some() {
        return BTreeMap::new();
    }
    let joined = service.networks.iter().filter_map(|(key, joined)| {
        let network = desired.model.networks.get(key)?.name.clone();
        let all = [&service.name].into_iter().chain(&joined.aliases);
        let all: BTreeSet<&String> = all.collect();
        Some((network, all.into_iter().cloned().collect()))
    });
    joined.collect()
}

/// The ports on which its containers listen, as far as anybody says so.
fn ports(desired: &Desired<'_>, running: &Running, service: &Service) -> BTreeSet<u16> {
    let mut ports = service.tcp_ports();
    let held = desired.model.gateway.ports.iter().filter(|held| held.service == service.name);
    ports.extend(held.map(|held| held.target));
    if let Some(facts) = desired.facts.get(&service.name) {
        ports.extend(facts.image.iter().flat_map(|image| &image.ports));
        ports.extend(&facts.ports);
        if !facts.ports.is_empty() {
            return ports;
        }
    }
    // It does not run, or can't be looked into: as before.
    ports.extend(running.inside.get(&service.name).into_iter().flatten());
    ports
}

/// Services that have a port in common where they have a network in common. One that is told to be carried goes before those
/// that are not.
fn collisions(
    desired: &Desired<'_>,
    able: &BTreeMap<String, Carried>,
) -> BTreeMap<String, LeftOut> {
    let mut places: BTreeMap<(&str, u16), Vec<&str>> = BTreeMap::new();
    for (name, found) in able {
        for network in found.names.keys() {
            for port in &found.ports {
                places.entry((network, *port)).or_default().push(name);
            }
        }
    }
    let mut out = BTreeMap::new();
    for ((_, port), names) in places.into_iter().filter(|(_, names)| names.len() > 1) {
        let told: Vec<&str> = names.iter().copied().filter(|name| is_told(desired, name)).collect();
        let winner = if let [winner] = told[..] { Some(winner) } else { None };
        for name in names.iter().filter(|name| Some(**name) != winner) {
            let other = winner.or_else(|| names.iter().find(|other| *other != name).copied());
            let service = other.unwrap_or_default().to_owned();
            out.entry((*name).to_owned()).or_insert(LeftOut::SamePort { port, service });
        }
    }
    out
}
