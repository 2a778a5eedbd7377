//! How a service's containers are replaced: side by side where that is possible, else in the way that interrupts least,
//! with the reason in plain words.

use super::build::Manner;
use super::change::{Action, Change, Method, Why};
use crate::ports::{Container, Status};
use crate::stack::{Order, Port, Restart, Service};

/// Images that own data in a way that does not bear a second process beside the first.
const DATABASES: [&str; 26] = [
    "cassandra",
    "clickhouse",
    "cockroach",
    "couchdb",
    "elasticsearch",
    "etcd",
    "influxdb",
    "kafka",
    "keydb",
    "mariadb",
    "memcached",
    "minio",
    "mongo",
    "mongodb",
    "mssql",
    "mysql",
    "opensearch",
    "percona",
    "postgis",
    "postgres",
    "postgresql",
    "rabbitmq",
    "redis",
    "timescaledb",
    "valkey",
    "zookeeper",
];

/// Chooses the method for an action, and says why it is not a smoother one.
pub(super) fn choose(
    service: &Service,
    action: &Action,
    live: &[&Container],
    manner: Manner,
) -> (Method, Vec<Why>) {
    match action {
        Action::Keep | Action::Start | Action::Remove => (Method::None, Vec::new()),
        Action::Add => added(service, manner),
        Action::Scale { .. } | Action::Replace | Action::BuildFirst => {
            replaced(service, live, manner)
        }
    }
}

/// A service that is new has nobody to interrupt; with a host port it is still rehearsed first, because the port may be
/// another service's until that one is replaced.
fn added(service: &Service, manner: Manner) -> (Method, Vec<Why>) {
    match blockers(service).into_iter().next() {
        None => (Method::Beside, Vec::new()),
        Some(why @ Why::HostPort { .. }) if manner.rehearsal && is_rehearsable(service) => {
            (Method::RehearsedSwap, vec![why])
        }
        Some(why) => (Method::StopFirst, vec![why]),
    }
}

fn replaced(service: &Service, live: &[&Container], manner: Manner) -> (Method, Vec<Why>) {
    let mut why = blockers(service);
    if why.iter().any(|why| !matches!(why, Why::HostPort { .. })) {
        return (Method::StopFirst, why);
    }
    match service.rollout(manner.rollback).order {
        Some(Order::StopFirst) => return (Method::StopFirst, vec![Why::OrderStopFirst]),
        Some(Order::StartFirst) => {}
        None => {
            if let Some(image) = database(service) {
                return (Method::StopFirst, vec![Why::Database { image }]);
            }
            if !service.is_application() {
                return (Method::StopFirst, vec![Why::Infrastructure]);
            }
        }
    }
    if why.is_empty() {
        return (Method::Beside, why);
    }
    if !live.iter().any(|container| container.state.status == Status::Running) {
        why.push(Why::NotRunning);
    }
    if manner.rehearsal {
        (Method::RehearsedSwap, why)
    } else {
        why.push(Why::NoRehearsal);
        (Method::StopFirst, why)
    }
}

/// What keeps two containers of a service from running at once.
fn blockers(service: &Service) -> Vec<Why> {
    let mut why = Vec::new();
    if service.network_mode.as_deref() == Some("host") {
        why.push(Why::HostNetwork);
    }
    why.extend(service.borrows.iter().map(|name| Why::BorrowsFrom { service: name.clone() }));
    let fixed = service.networks.iter().filter(|(_, network)| network.fixed_address);
    why.extend(fixed.map(|(name, _)| Why::FixedAddress { network: name.clone() }));
    if service.networks.is_empty()
        && service.raw.get("mac_address").is_some_and(|mac| !mac.is_null())
    {
        why.push(Why::FixedAddress { network: "default".to_owned() });
    }
    let blocked = service.ports.iter().filter(|port| !has_room(port, service.replicas));
    why.extend(blocked.map(|port| Why::HostPort { port: port.to_string() }));
    why
}

/// Whether a port's range holds the old and the new containers at once.
fn has_room(port: &Port, replicas: u32) -> bool {
    port.published.is_none_or(|(first, last)| {
        u32::from(last.saturating_sub(first)) + 1 >= replicas.saturating_mul(2)
    })
}

/// Whether a twin may run beside a live container at all.
fn is_rehearsable(service: &Service) -> bool {
    database(service).is_none()
}

/// The name of the database whose image this is. What is pulled is known by any part of its name
/// (`clickhouse/clickhouse-server`); what is built, by its whole name only: `mongo-api` is no database.
fn database(service: &Service) -> Option<String> {
    let reference = service.image.split('@').next().unwrap_or_default();
    let mut parts = reference.split('/').map(|part| part.split(':').next().unwrap_or(part));
    let is_known = |name: &&str| DATABASES.contains(name);
    if service.is_application() {
        return parts.next_back().filter(|name| is_known(name)).map(str::to_owned);
    }
    parts.flat_map(|part| part.split(['-', '_'])).find(is_known).map(str::to_owned)
}

impl Change {
    /// Whether new containers are created.
    #[must_use]
    pub fn creates(&self) -> bool {
        match self.action {
            Action::Add | Action::Replace => true,
            Action::Scale { from, to } => to > from,
            _ => false,
        }
    }

    /// Whether its new containers, or twins of them, prove themselves before anything is touched.
    #[must_use]
    pub fn is_rehearsed(&self) -> bool {
        self.creates() && matches!(self.method, Method::Beside | Method::RehearsedSwap)
    }

    /// Whether the namespaces of its containers are new ones afterwards, so that whoever borrows them has to follow.
    pub(super) const fn makes_new_namespaces(&self) -> bool {
        matches!(self.action, Action::Add | Action::Replace | Action::Start)
    }

    /// Whether containers come, go or take over.
    #[must_use]
    pub const fn switches(&self) -> bool {
        matches!(self.action, Action::Add | Action::Replace | Action::Scale { .. })
    }
}

impl Service {
    /// Whether ending with exit code 0 may be what this service is for: nothing says that it should stay up.
    #[must_use]
    pub fn may_complete(&self) -> bool {
        self.restart != Restart::Always && self.healthcheck.is_none() && self.ports.is_empty()
    }
}

impl std::fmt::Display for Port {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(ip) = &self.host_ip {
            write!(out, "{ip}:")?;
        }
        match self.published {
            None => {}
            Some((first, last)) if first == last => write!(out, "{first}")?,
            Some((first, last)) => write!(out, "{first}-{last}")?,
        }
        write!(out, "/{}", self.protocol)
    }
}
