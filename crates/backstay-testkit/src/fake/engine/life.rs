//! How containers live while time passes: they end, are started again by their policy, and are probed.

use std::time::Duration;

use backstay_core::engine::{Health, Status};
use backstay_core::stack::Restart;

use super::state::{EngineState, FakeContainer};
use crate::fake::behaviour::Behaviour;

/// The engine waits so long before the first restart, and twice as long before each further one.
const BACKOFF: Duration = Duration::from_millis(100);
const BACKOFF_LIMIT: Duration = Duration::from_secs(60);
/// After so long a life the wait is short again.
const LONG_LIFE: Duration = Duration::from_secs(10);

/// What happens to a container next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Ends,
    Restarts,
    IsProbed,
}

impl EngineState {
    /// Lets time pass, one happening after the other.
    pub(in crate::fake) fn evolve(&mut self, to: Duration) {
        while let Some((at, fate, id)) = self.next_fate().filter(|(at, ..)| *at <= to) {
            self.now = self.now.max(at);
            self.happen(&id, fate);
        }
        self.now = self.now.max(to);
    }

    fn next_fate(&self) -> Option<(Duration, Fate, String)> {
        let fates = self.containers.values().flat_map(|container| {
            let behaviour = self.behaviour(container);
            fates(container, behaviour).map(|(at, fate)| (at, fate, &container.id))
        });
        fates.min().map(|(at, fate, id)| (at, fate, id.clone()))
    }

    fn happen(&mut self, id: &str, fate: Fate) {
        let now = self.now;
        let Some(container) = self.containers.get(id) else { return };
        let behaviour = self.behaviour(container);
        match fate {
            Fate::IsProbed => {
                if let Some(container) = self.containers.get_mut(id) {
                    probe(container, behaviour, now);
                }
            }
            Fate::Ends => {
                let code = behaviour.end().map_or(0, |(_, code)| code);
                if let Some(container) = self.containers.get_mut(id) {
                    end(container, code, now);
                }
            }
            Fate::Restarts => {
                let again = self.enliven(id, "restarting");
                if let (Err(error), Some(container)) = (again, self.containers.get_mut(id)) {
                    container.life.status = Status::Exited;
                    container.life.again = None;
                    container.life.error = error.message;
                }
            }
        }
    }
}

fn fates(
    container: &FakeContainer,
    behaviour: Behaviour,
) -> impl Iterator<Item = (Duration, Fate)> {
    let life = &container.life;
    let running = life.status == Status::Running;
    let end = behaviour.end().zip(life.started).map(|((after, _), started)| started + after);
    let lasts = life.started.is_some_and(|started| {
        !behaviour.ends_when_started(started.saturating_sub(container.created))
    });
    let ends = end.filter(|_| running && !lasts).map(|at| (at, Fate::Ends));
    let probed = life.probe.filter(|_| running).map(|at| (at, Fate::IsProbed));
    let again = life.again.filter(|_| life.status == Status::Restarting);
    ends.into_iter().chain(again.map(|at| (at, Fate::Restarts))).chain(probed)
}

fn end(container: &mut FakeContainer, code: i64, now: Duration) {
    let life = &mut container.life;
    let age = now.saturating_sub(life.started.unwrap_or(now));
    life.exit_code = code;
    life.last_end = Some(code);
    life.probe = None;
    life.bound.clear();
    container.logs.push(format!("{} ends with {code}", container.service));
    let again = match container.spec.restart {
        Restart::Never => false,
        Restart::OnFailure => code != 0,
        Restart::Always => true,
    };
    if !again {
        life.status = Status::Exited;
        return;
    }
    let doublings = if age > LONG_LIFE { 0 } else { life.restarts.min(10) };
    life.restarts += 1;
    life.status = Status::Restarting;
    life.again = Some(now + (BACKOFF * 2_u32.pow(doublings)).min(BACKOFF_LIMIT));
}

fn probe(container: &mut FakeContainer, behaviour: Behaviour, now: Duration) {
    let Some(check) = container.spec.healthcheck else { return };
    let life = &mut container.life;
    let age = now.saturating_sub(life.started.unwrap_or(now));
    let passes = behaviour.passes(age);
    life.health_log.push(if passes { "ok".to_owned() } else { "connection refused".to_owned() });
    let surplus = life.health_log.len().saturating_sub(5);
    life.health_log.drain(..surplus);
    if passes {
        life.failures = 0;
        life.health = Some(Health::Healthy);
    } else if age >= check.start_period || life.health != Some(Health::Starting) {
        life.failures += 1;
        if life.failures >= check.retries.max(1) {
            life.health = Some(Health::Unhealthy);
        }
    }
    let settled = match life.health {
        Some(Health::Healthy) => behaviour.is_settled(true),
        Some(Health::Unhealthy) => behaviour.is_settled(false),
        _ => false,
    };
    life.probe = (!settled).then(|| now + check.interval.max(Duration::from_millis(1)));
}
