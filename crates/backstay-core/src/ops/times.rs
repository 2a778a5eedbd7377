//! How long new containers are watched, and how long two of a service run at once.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::gate::{PORTS, subject};
use crate::plan::{Desired, Manner, Plan, Twice};
use crate::stack::{Model, Service};

/// The time that is watched where `update_config.monitor` does not say.
const MONITOR: Duration = Duration::from_secs(5);

/// The same in a rehearsal, which is not the last watch, for services that pass a check of their own meanwhile.
const ASKED_MONITOR: Duration = Duration::from_secs(3);

/// The same for services that the model gives nothing to ask.
const LONG_MONITOR: Duration = Duration::from_secs(10);

/// What decides how long something takes.
pub(super) struct Times<'a> {
    pub model: &'a Model,
    pub manner: Manner,
    /// `--monitor`.
    pub monitor: Option<Duration>,
    /// `--wait-timeout`.
    pub wait_timeout: Option<Duration>,
}

impl Times<'_> {
    /// How long each service is watched in the rehearsal.
    pub(super) fn in_rehearsal(&self) -> BTreeMap<String, Duration> {
        if self.manner.rehearsal { self.watch(ASKED_MONITOR) } else { BTreeMap::new() }
    }

    /// How long each service is watched after the switch.
    pub(super) fn after_switch(&self) -> BTreeMap<String, Duration> {
        self.watch(MONITOR)
    }

    /// Says of each service that runs twice for how long.
    pub(super) fn note(&self, desired: &Desired<'_>, plan: &mut Plan) {
        let watch = self.in_rehearsal();
        for change in plan.changes.iter_mut().filter(|change| change.runs_twice()) {
            let Some(service) = self.model.services.get(&change.service) else { continue };
            let image = desired.facts.get(&service.name).and_then(|facts| facts.image.as_ref());
            let is_asked = !service.is_silent()
                || image.is_none_or(|image| image.checks || !image.ports.is_empty());
            let rollback = self.manner.rollback;
            let mut limit = subject(self.model, service, "", self.wait_timeout, rollback).deadline;
            if service.healthcheck.is_none() && service.probes.is_empty() {
                limit = limit.min(PORTS);
            }
            change.twice = Some(Twice {
                ready_within: is_asked.then_some(limit.as_secs()),
                watched: watch.get(&service.name).copied().unwrap_or_default().as_secs(),
            });
        }
    }

    /// How long each service is watched; where nobody says, `asked` is for those that have a check of their own.
    fn watch(&self, asked: Duration) -> BTreeMap<String, Duration> {
        let time = |service: &Service| {
            let usual = match service {
                service if service.is_silent() => LONG_MONITOR,
                service if service.healthcheck.is_some() || !service.probes.is_empty() => asked,
                _ => MONITOR,
            };
            self.monitor.or(service.rollout(self.manner.rollback).monitor).unwrap_or(usual)
        };
        let services = self.model.services.values();
        services.map(|service| (service.name.clone(), time(service))).collect()
    }
}
