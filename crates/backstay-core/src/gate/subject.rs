//! Who is at the gate, and what the model expects of them.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::stack::{Condition, FailureAction, Healthcheck, Model, Probe, Restart, Service};

/// How long a container without a healthcheck may take to run, and a one-shot service to end.
const PATIENCE: Duration = Duration::from_secs(600);

/// How much longer a container is watched that the engine calls `unhealthy` and that has never passed, where the user has
/// not said how long to wait.
pub(super) const UNHEALTHY_PATIENCE: Duration = Duration::from_secs(15);

/// A container at the gate.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    /// Its id.
    pub id: String,
    /// Its service.
    pub service: String,
    /// What it is expected to do.
    pub expect: Expect,
    /// Whether it has to have a health at all.
    pub health: bool,
    /// Whether only the engine's own `healthy` counts: something else waits for it.
    pub engine_healthy: bool,
    /// Whether it has to pass now: what the engine found some time ago does not count.
    pub afresh: bool,
    /// How long a verdict may take.
    pub deadline: Duration,
    /// The same, where the user has said it.
    pub said: Option<Duration>,
    /// What it is asked, on top of what it says of itself.
    pub probes: Vec<Probe>,
    /// The model's healthcheck.
    pub healthcheck: Option<Healthcheck>,
    /// The TCP ports that the model publishes or exposes.
    pub ports: BTreeSet<u16>,
    /// What its restart policy does with a container that ends.
    pub restart: Restart,
    /// Services that it depends on, directly or through others.
    pub depends_on: BTreeSet<String>,
    /// Those of them that it needs and does not wait for until they are ready.
    pub unawaited: Vec<String>,
    /// Whether others start when it is healthy.
    pub is_awaited: bool,
    /// Restarts that it already had.
    pub restarts: u32,
    /// The share of its service's containers that may fail.
    pub tolerance: f64,
}

/// What a container is expected to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expect {
    /// Run.
    Live,
    /// End with exit code 0: others wait for it.
    Complete,
    /// Either: nothing says which.
    Either,
}

/// What the model expects of the containers of a service.
pub(crate) fn subject(
    model: &Model,
    service: &Service,
    id: &str,
    wait_timeout: Option<Duration>,
    rollback: bool,
) -> Subject {
    let is_awaited_until = |condition: Condition| {
        let mut others = model.services.values();
        others.any(|other| {
            other.depends_on.get(&service.name).is_some_and(|dep| dep.condition == condition)
        })
    };
    let expect = if is_awaited_until(Condition::ServiceCompletedSuccessfully) {
        Expect::Complete
    } else if service.may_complete() && service.restart != Restart::Always {
        Expect::Either
    } else {
        Expect::Live
    };
    let own = service.healthcheck.map_or(PATIENCE, |check| {
        check.budget().saturating_add(Duration::from_secs(1)).saturating_add(UNHEALTHY_PATIENCE)
    });
    let probes = if expect == Expect::Live { service.probes.clone() } else { Vec::new() };
    let asked = asking(&probes);
    let started = service
        .depends_on
        .iter()
        .filter(|(_, dependency)| dependency.condition == Condition::ServiceStarted);
    Subject {
        expect,
        health: service.healthcheck.is_some() && expect == Expect::Live,
        deadline: wait_timeout.unwrap_or(own.saturating_add(asked)),
        said: wait_timeout,
        probes,
        healthcheck: service.healthcheck,
        ports: service.tcp_ports(),
        restart: service.restart,
        depends_on: needs(model, service),
        unawaited: started.map(|(name, _)| name.clone()).collect(),
        is_awaited: is_awaited_until(Condition::ServiceHealthy),
        tolerance: tolerance(service, rollback),
        ..bare_subject(&service.name, id)
    }
}

/// How long it takes at most until the slowest of these has failed for good.
pub(crate) fn asking(probes: &[Probe]) -> Duration {
    probes.iter().map(Probe::budget).max().unwrap_or_default()
}

/// A container of which no model says what is expected: it runs, and can be asked what its image says.
pub(crate) fn bare_subject(service: &str, id: &str) -> Subject {
    Subject {
        id: id.to_owned(),
        service: service.to_owned(),
        expect: Expect::Live,
        health: false,
        engine_healthy: false,
        afresh: false,
        deadline: PATIENCE,
        said: None,
        probes: Vec::new(),
        healthcheck: None,
        ports: BTreeSet::new(),
        restart: Restart::Always,
        depends_on: BTreeSet::new(),
        unawaited: Vec::new(),
        is_awaited: false,
        restarts: 0,
        tolerance: 0.0,
    }
}

/// The share of a service's containers that may fail without failing the run.
pub(crate) fn tolerance(service: &Service, rollback: bool) -> f64 {
    let config = service.rollout(rollback);
    if config.failure_action == Some(FailureAction::Continue) {
        1.0
    } else {
        config.max_failure_ratio
    }
}

/// How many of `count` containers that share is.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a handful
pub(crate) fn tolerated(tolerance: f64, count: usize) -> usize {
    ((tolerance * count as f64).floor() as usize).min(count)
}

/// What a service depends on, directly or through others.
fn needs(model: &Model, service: &Service) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = BTreeSet::new();
    let mut open: Vec<&Service> = vec![service];
    while let Some(next) = open.pop() {
        for name in next.depends_on.keys().chain(&next.borrows) {
            if name != &service.name && found.insert(name.clone()) {
                open.extend(model.services.get(name));
            }
        }
    }
    found
}
