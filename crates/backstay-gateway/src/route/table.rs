//! All routes of one generation.

use super::service::Service;
use backstay_routes::{Listener, Mode, Side, Snapshot, Subnet};
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// The routes.
#[derive(Debug)]
pub(crate) struct Table {
    pub snapshot: Snapshot,
    pub services: BTreeMap<String, Arc<Service>>,
    listeners: HashMap<u16, Vec<Rule>>,
}

#[derive(Debug)]
struct Rule {
    subnets: Vec<Subnet>,
    route: Route,
}

/// Where a connection leads.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub service: Arc<Service>,
    /// The port of the containers.
    pub to: u16,
}

/// What stays of a listener when its routes change.
#[derive(Debug)]
pub(crate) struct ListenerLive {
    pub port: u16,
    pub mode: Mode,
    pub side: Side,
    pub accepted: AtomicU64,
    pub connections: AtomicU64,
    pub no_route: AtomicU64,
    /// Whether a service behind it has answered in HTTP.
    pub spoke_http: std::sync::atomic::AtomicBool,
}

impl ListenerLive {
    pub(crate) fn new(listener: &Listener) -> Self {
        Self {
            port: listener.port,
            mode: listener.mode,
            side: listener.side,
            accepted: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            no_route: AtomicU64::new(0),
            spoke_http: false.into(),
        }
    }

    /// Whether a snapshot means this one.
    pub(crate) fn is(&self, listener: &Listener) -> bool {
        (self.port, self.mode, self.side) == (listener.port, listener.mode, listener.side)
    }
}

impl Table {
    pub(crate) fn new(snapshot: Snapshot, services: BTreeMap<String, Arc<Service>>) -> Self {
        let rules = |listener: &Listener| {
            let rule = |route: &backstay_routes::Route| {
                let service = Arc::clone(services.get(&route.service)?);
                let subnets = route.subnets.clone();
                Some(Rule { subnets, route: Route { service, to: route.to } })
            };
            listener.routes.iter().filter_map(rule).collect()
        };
        let listeners =
            snapshot.listeners.iter().map(|listener| (listener.port, rules(listener))).collect();
        Self { snapshot, services, listeners }
    }

    /// The first route whose subnets contain the address at which the connection arrived.
    pub(crate) fn route(&self, port: u16, local: IpAddr) -> Option<&Route> {
        let matches = |rule: &&Rule| {
            rule.subnets.is_empty() || rule.subnets.iter().any(|subnet| subnet.contains(local))
        };
        self.listeners.get(&port)?.iter().find(matches).map(|rule| &rule.route)
    }

    /// Whether everything behind a port is held.
    pub(crate) fn all_shut(&self, port: u16) -> bool {
        self.listeners
            .get(&port)
            .is_some_and(|rules| rules.iter().all(|rule| rule.route.service.live.gate.is_shut()))
    }
}
