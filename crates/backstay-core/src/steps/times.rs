//! How long new containers are watched, and how long two of a service run at once.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::gate::{PORTS, subject};
use crate::plan::{Desired, Manner, Plan, Twice};
use crate::stack::{Model, Service};

/// The time that is watched where `update_config.monitor` does not say: in the rehearsal, so that a release that falls over after
/// some seconds is seen by nobody, and again after the switch.
const MONITOR: Duration = Duration::from_secs(5);

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
        if self.manner.rehearsal { self.watch() } else { BTreeMap::new() }
    }

    /// How long each service is watched after the switch.
    pub(super) fn after_switch(&self) -> BTreeMap<String, Duration> {
        self.watch()
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

    /// How long each service is watched.
    fn watch(&self) -> BTreeMap<String, Duration> {
        let time = |service: &Service| {
            let usual = if service.is_silent() { LONG_MONITOR } else { MONITOR };
            self.monitor.or(service.rollout(self.manner.rollback).monitor).unwrap_or(usual)
        };
        let services = self.model.services.values();
        services.map(|service| (service.name.clone(), time(service))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Action, Change, Facts, Method};

    fn twice(service: &str, rehearsal: bool, wait_timeout: Option<u64>) -> Option<Twice> {
        let yaml = format!("name: s\nservices: {{web: {{image: x, {service}}}}}\n");
        let model = Model::parse(&yaml).unwrap();
        let facts = Facts { image: Some(crate::engine::ImageFacts::default()), ..Facts::default() };
        let facts = [("web".to_owned(), facts)].into();
        let desired = Desired { facts, ..Desired::of(&model) };
        let change = Change::new("web", Action::Replace, Method::Beside, Vec::new(), Vec::new());
        let mut plan = Plan { changes: vec![change], ..Plan::default() };
        let manner = Manner { rehearsal, rollback: false };
        let wait_timeout = wait_timeout.map(Duration::from_secs);
        let times = Times { model: &model, manner, monitor: None, wait_timeout };
        times.note(&desired, &mut plan);
        plan.changes[0].twice
    }

    #[test]
    fn how_long_a_service_runs_twice_is_its_own_checks_limit_and_the_watch() {
        let of = |ready_within, watched| Some(Twice { ready_within, watched });
        let check = "healthcheck: {test: [CMD, ok], interval: 10s, timeout: 5s, retries: 2}";
        // Two tries of 15 s, one more second, and the patience with what the engine calls unhealthy.
        assert_eq!(twice(check, true, None), of(Some(46), 5));
        assert_eq!(twice(check, true, Some(20)), of(Some(20), 5));
        assert_eq!(twice(check, false, None), of(Some(46), 0));
        assert_eq!(twice("ports: [{target: 80}]", true, None), of(Some(60), 5));
        assert_eq!(twice("restart: always", true, None), of(None, 10));
        let own = "deploy: {update_config: {monitor: 30s}}";
        assert_eq!(twice(own, true, None), of(None, 30));
    }
}
