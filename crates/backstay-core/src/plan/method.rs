//! How a service's containers are replaced: side by side where that is possible, else in the way that interrupts least,
//! with the reason in plain words.

use super::change::{Action, Change, Method, Why};
use super::desired::{Desired, Manner};
use super::hazards::{self, data, database, found_by, is_worker};
use crate::engine::{Container, Status};
use crate::stack::{Order, Port, Restart, Service};

/// A service and what is known around it.
pub(super) struct Case<'a> {
    pub(super) desired: &'a Desired<'a>,
    pub(super) service: &'a Service,
    /// Its live containers.
    pub(super) live: &'a [&'a Container],
    /// Whether nothing of the stack runs.
    pub(super) first: bool,
    /// Whether a live container of another service has one of its host ports, or its name.
    pub(super) takes_port: bool,
    pub(super) manner: Manner,
}

/// Chooses the method for an action, and says why it is not a smoother one.
pub(super) fn choose(case: &Case<'_>, action: &Action) -> (Method, Vec<Why>) {
    match action {
        Action::Keep | Action::Start | Action::Remove => (Method::None, Vec::new()),
        Action::Add => added(case),
        Action::Scale { .. } | Action::Replace | Action::BuildFirst => replaced(case),
    }
}

/// A service that is new has nobody to interrupt. On a first deployment all start in their order; later on it starts before
/// anything is touched, unless it has to wait for a host port.
fn added(case: &Case<'_>) -> (Method, Vec<Why>) {
    let service = case.service;
    if case.first {
        return (Method::StopFirst, Vec::new());
    }
    let why = blockers(service);
    if let Some(why) = why.iter().find(|why| !matches!(why, Why::HostPort { .. })) {
        return (Method::StopFirst, vec![why.clone()]);
    }
    if !case.takes_port {
        return (Method::Beside, Vec::new());
    }
    let writes = database(service, case.facts()).is_some()
        || !data(service, case.desired.model, case.facts()).is_empty();
    if case.manner.rehearsal && !writes {
        (Method::RehearsedSwap, why)
    } else {
        (Method::StopFirst, why)
    }
}

fn replaced(case: &Case<'_>) -> (Method, Vec<Why>) {
    let service = case.service;
    let mut why = blockers(service);
    if why.iter().any(|why| !matches!(why, Why::HostPort { .. })) {
        return (Method::StopFirst, why);
    }
    let runs = case.live.iter().any(|container| container.state.status == Status::Running);
    if hazards::is_awaited_to_end(case.desired.model, &service.name) && !runs {
        // It ends by itself, and nobody serves from it: as in Compose it runs before those who wait for it.
        return (Method::Beside, vec![Why::OneShot]);
    }
    if case.desired.still.contains(&service.name) {
        why.push(Why::StandsStill);
        // It has its data to itself: the old one is stopped by then.
        let method = if case.manner.rehearsal { Method::RehearsedSwap } else { Method::StopFirst };
        return (method, why);
    }
    let order = service.rollout(case.manner.rollback).order;
    if order == Some(Order::StopFirst) {
        return (Method::StopFirst, vec![Why::OrderStopFirst]);
    }
    if !runs {
        why.push(Why::NotRunning);
        return (Method::StopFirst, why);
    }
    if order.is_none() {
        let hazard = hazard(case);
        if !hazard.is_empty() {
            return (Method::StopFirst, hazard);
        }
    }
    if !why.is_empty() {
        if case.manner.rehearsal {
            return (Method::RehearsedSwap, why);
        }
        why.push(Why::NoRehearsal);
        return (Method::StopFirst, why);
    }
    let Some(found) = found_by(service, case.facts()) else { return (Method::Beside, why) };
    if case.desired.other_labels.contains(&service.name) {
        let method = if case.manner.rehearsal { Method::RehearsedSwap } else { Method::StopFirst };
        return (method, vec![found, Why::LabelsDiffer]);
    }
    if case.manner.rehearsal {
        (Method::RehearsedBeside, vec![found])
    } else {
        (Method::Beside, vec![found])
    }
}

/// What two containers of it would do twice, or to each other.
fn hazard(case: &Case<'_>) -> Vec<Why> {
    let (service, model) = (case.service, case.desired.model);
    if let Some(image) = database(service, case.facts()) {
        return vec![Why::Database { image }];
    }
    let written = data(service, model, case.facts());
    if !written.is_empty() {
        return written;
    }
    if is_worker(service, model, case.facts()) {
        return vec![Why::NobodyConnects];
    }
    Vec::new()
}

impl Case<'_> {
    fn facts(&self) -> Option<&super::facts::Facts> {
        self.desired.facts.get(&self.service.name)
    }
}

/// What both containers of a service write to while one proves itself beside the other.
pub(super) fn shares(desired: &Desired<'_>, service: &Service) -> Vec<String> {
    let written = data(service, desired.model, desired.facts.get(&service.name));
    let named = written.into_iter().filter_map(|why| match why {
        Why::Data { source } | Why::SharedVolume { source, .. } => Some(source),
        Why::ImageVolume { path } => Some(path),
        _ => None,
    });
    named.collect()
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

    /// Whether its new containers, or twins of them, prove themselves before its old ones are touched.
    #[must_use]
    pub fn is_rehearsed(&self) -> bool {
        let methods = [Method::Beside, Method::RehearsedBeside, Method::RehearsedSwap];
        self.creates() && methods.contains(&self.method)
    }

    /// Whether its containers are replaced, or will be if its image comes out different.
    #[must_use]
    pub const fn replaces(&self) -> bool {
        matches!(self.action, Action::Replace | Action::BuildFirst)
    }

    /// Whether old and new containers, or twins of these, run at once for a while.
    #[must_use]
    pub fn runs_twice(&self) -> bool {
        let is_alone = self.why.contains(&Why::StandsStill);
        self.replaces() && !is_alone && (self.overlaps() || self.has_twin())
    }

    /// Whether a twin proves the release.
    #[must_use]
    pub const fn has_twin(&self) -> bool {
        matches!(self.method, Method::RehearsedBeside | Method::RehearsedSwap)
    }

    /// Whether the new containers take over while the old ones still run.
    #[must_use]
    pub const fn overlaps(&self) -> bool {
        matches!(self.method, Method::Beside | Method::RehearsedBeside)
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
