//! What the gate keeps in mind for the time of a run: how the services did before it, and what was found on the way.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::join_all;

use super::unwell::{Unwell, unwell};
use crate::context::Context;
use crate::engine::{Container, Status};

/// What the gate keeps in mind. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Memory(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    ran: BTreeSet<String>,
    cycling: BTreeSet<String>,
    starting: BTreeSet<String>,
    ports: BTreeMap<String, BTreeSet<u16>>,
    silent: BTreeMap<String, BTreeSet<u16>>,
    only_ran: BTreeSet<String>,
    ready: BTreeSet<String>,
    answered: BTreeSet<u16>,
    unwell: Vec<Unwell>,
}

impl Memory {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the service ran before the run, well or not.
    pub(super) fn ran(&self, service: &str) -> bool {
        self.known().ran.contains(service)
    }

    /// Whether its containers ended with 0 and were started again by their policy before the run.
    pub(super) fn cycles(&self, service: &str) -> bool {
        self.known().cycling.contains(service)
    }

    /// Whether one of these services starts in this run.
    pub(super) fn starts_one_of(&self, services: &BTreeSet<String>) -> bool {
        !self.known().starting.is_disjoint(services)
    }

    /// Whether other services than this one start in this run.
    pub(super) fn has_company(&self, service: &str) -> bool {
        self.known().starting.iter().any(|other| other != service)
    }

    /// The TCP ports on which its containers listened before the run, as far as that could be found out.
    pub(super) fn ports(&self, service: &str) -> Option<BTreeSet<u16>> {
        self.known().ports.get(service).cloned()
    }

    /// Ports of which it is known that nobody listens on them.
    pub(super) fn silent(&self, service: &str) -> BTreeSet<u16> {
        self.known().silent.get(service).cloned().unwrap_or_default()
    }

    /// Takes note of ports that nobody listens on. Returns whether that is new.
    pub(super) fn note_silent(&self, service: &str, ports: &BTreeSet<u16>) -> bool {
        let mut known = self.known();
        let silent = known.silent.entry(service.to_owned()).or_default();
        let before = silent.len();
        silent.extend(ports);
        silent.len() > before
    }

    /// Takes note of a service of which nothing but that it runs could be looked at.
    pub(super) fn note_only_ran(&self, service: &str) {
        self.known().only_ran.insert(service.to_owned());
    }

    /// Whether somebody answered at this port of the host before the run.
    pub(crate) fn answered(&self, port: u16) -> bool {
        self.known().answered.contains(&port)
    }

    /// Takes note of a service whose container has passed.
    pub(super) fn note_ready(&self, service: &str) {
        self.known().ready.insert(service.to_owned());
    }

    /// Whether a container of the service has passed in this run, by more than that it runs.
    pub(crate) fn is_known_ready(&self, service: &str) -> bool {
        let known = self.known();
        known.ready.contains(service) && !known.only_ran.contains(service)
    }

    /// What was not well before the run, of what it replaces.
    pub(crate) fn unwell(&self) -> Vec<Unwell> {
        self.known().unwell.clone()
    }

    /// Those services; they are forgotten with it.
    pub(crate) fn take_only_ran(&self) -> Vec<String> {
        std::mem::take(&mut self.known().only_ran).into_iter().collect()
    }
}

/// Looks at what is about to be replaced, while it still runs. `starting` are the services that get new containers, or whose
/// containers are started.
pub(crate) async fn remember(ctx: &Context, live: &[Container], starting: BTreeSet<String>) {
    let up: Vec<&Container> = live
        .iter()
        .filter(|container| matches!(container.state.status, Status::Running | Status::Restarting))
        .filter(|container| starting.contains(&container.service))
        .collect();
    let looked = join_all(up.iter().map(async |container| {
        let cycles = container.state.restarts > 0 && last_code(ctx, container).await == Some(0);
        let unwell = unwell(ctx, container).await;
        // What can't be found out is not known: the model and the image say then what can be expected.
        let ports = ctx.engine.listening(&container.id).await.ok().flatten();
        let answered = ctx.engine.host_ports(&container.id).await.unwrap_or_default().answered;
        (*container, cycles, unwell, ports, answered)
    }))
    .await;
    let mut known = ctx.memory.known();
    *known = Known { starting, ..Known::default() };
    for (container, cycles, unwell, ports, answered) in looked {
        let service = &container.service;
        known.ran.insert(service.clone());
        known.unwell.extend(unwell);
        known.answered.extend(answered);
        if cycles {
            known.cycling.insert(service.clone());
        }
        // One that falls over tells nothing by not listening just now.
        if let Some(ports) = ports.filter(|_| container.state.restarts == 0) {
            known.ports.entry(service.clone()).or_default().extend(ports);
        }
    }
}

/// The exit code of a container's last end; of one that runs again, only the engine's memory knows it.
pub(super) async fn last_code(ctx: &Context, container: &Container) -> Option<i64> {
    match container.state.status {
        Status::Running | Status::Paused | Status::Created => {
            ctx.engine.last_end(&container.id).await.ok().flatten()
        }
        Status::Restarting | Status::Exited | Status::Dead => Some(container.state.exit_code),
    }
}
