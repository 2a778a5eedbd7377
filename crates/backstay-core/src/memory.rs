//! What the gate keeps in mind for the time of a run: how the services did before it, and what was found on the way.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::event::Unwell;

/// What the gate keeps in mind. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Memory(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) ran: BTreeSet<String>,
    pub(crate) cycling: BTreeSet<String>,
    pub(crate) starting: BTreeSet<String>,
    pub(crate) ports: BTreeMap<String, BTreeSet<u16>>,
    pub(crate) silent: BTreeMap<String, BTreeSet<u16>>,
    pub(crate) only_ran: BTreeSet<String>,
    pub(crate) ready: BTreeSet<String>,
    pub(crate) answered: BTreeSet<u16>,
    pub(crate) unwell: Vec<Unwell>,
}

impl Memory {
    pub(crate) fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the service ran before the run, well or not.
    pub(crate) fn ran(&self, service: &str) -> bool {
        self.known().ran.contains(service)
    }

    /// Whether its containers ended with 0 and were started again by their policy before the run.
    pub(crate) fn cycles(&self, service: &str) -> bool {
        self.known().cycling.contains(service)
    }

    /// Whether one of these services starts in this run.
    pub(crate) fn starts_one_of(&self, services: &BTreeSet<String>) -> bool {
        !self.known().starting.is_disjoint(services)
    }

    /// Whether other services than this one start in this run.
    pub(crate) fn has_company(&self, service: &str) -> bool {
        self.known().starting.iter().any(|other| other != service)
    }

    /// The TCP ports on which its containers listened before the run, as far as that could be found out.
    pub(crate) fn ports(&self, service: &str) -> Option<BTreeSet<u16>> {
        self.known().ports.get(service).cloned()
    }

    /// Ports of which it is known that nobody listens on them.
    pub(crate) fn silent(&self, service: &str) -> BTreeSet<u16> {
        self.known().silent.get(service).cloned().unwrap_or_default()
    }

    /// Takes note of ports that nobody listens on. Returns whether that is new.
    pub(crate) fn note_silent(&self, service: &str, ports: &BTreeSet<u16>) -> bool {
        let mut known = self.known();
        let silent = known.silent.entry(service.to_owned()).or_default();
        let before = silent.len();
        silent.extend(ports);
        silent.len() > before
    }

    /// Takes note of a service of which nothing but that it runs could be looked at.
    pub(crate) fn note_only_ran(&self, service: &str) {
        self.known().only_ran.insert(service.to_owned());
    }

    /// Whether somebody answered at this port of the host before the run.
    pub(crate) fn answered(&self, port: u16) -> bool {
        self.known().answered.contains(&port)
    }

    /// Takes note of a service whose container has passed.
    pub(crate) fn note_ready(&self, service: &str) {
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
