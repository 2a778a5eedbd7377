//! Host ports and fixed names that move from one service to another.

use std::collections::BTreeSet;

use super::change::{Action, Change};
use super::desired::{Desired, Running};
use super::follow;
use crate::engine::{Container, HostPort};
use crate::stack::Service;

/// Who has which host port now, and who wants it.
pub(super) struct Ports<'a> {
    pub(super) desired: &'a Desired<'a>,
    pub(super) running: &'a Running,
    pub(super) changes: &'a [Change],
}

impl Ports<'_> {
    /// Whether some service takes a port over that `from` has.
    pub(super) fn takes_from(&self, from: &str) -> bool {
        self.changes.iter().any(|change| self.hands_over(from, &change.service))
    }

    /// The services that `name` has to come after: those it depends on, and those whose ports it takes over.
    pub(super) fn needs(&self, name: &str) -> BTreeSet<&str> {
        let services = &self.desired.model.services;
        let Some(service) = services.get(name) else { return BTreeSet::new() };
        services
            .keys()
            .filter(|other| {
                service.depends_on.contains_key(*other)
                    || service.borrows.contains(other)
                    || self.hands_over(other, name)
                    || self.looks_up(service, other)
            })
            .map(String::as_str)
            .collect()
    }

    /// Whether a service looks the other one's address up once when it starts, so that it has to start after it.
    fn looks_up(&self, service: &Service, other: &str) -> bool {
        let Some(of) = self.desired.model.services.get(other) else { return false };
        service.name != other
            && !of.depends_on.contains_key(&service.name)
            && self.is_touched(&service.name)
            && self.is_touched(other)
            // Two proxies don't wait for each other.
            && follow::follows(self.desired, of, service).is_none()
            && follow::follows(self.desired, service, of).is_some()
    }

    /// Whether `to` has a host port or a fixed name in the new release that live containers of `from` have now.
    pub(super) fn hands_over(&self, from: &str, to: &str) -> bool {
        let Some(service) = self.desired.model.services.get(to) else { return false };
        from != to
            && self.is_touched(from)
            && self.is_touched(to)
            && self
                .running
                .containers
                .iter()
                .any(|container| container.service == from && claims(service, container))
    }

    fn is_touched(&self, name: &str) -> bool {
        self.changes.iter().any(|c| {
            c.service == name
                && (c.switches() || matches!(c.action, Action::Remove | Action::Start))
        })
    }
}

/// Whether a service is to have a host port or the name that this container has.
pub(super) fn claims(service: &Service, container: &Container) -> bool {
    let takes = |held: &HostPort| {
        service.ports.iter().any(|port| {
            port.protocol == held.protocol
                && port.published.is_some_and(|(first, last)| (first..=last).contains(&held.port))
        })
    };
    container.ports.iter().any(takes) || service.container_name.as_ref() == Some(&container.name)
}
