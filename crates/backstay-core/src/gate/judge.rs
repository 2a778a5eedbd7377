//! One container at the gate: what is known of it, and the verdict.

use std::time::Duration;

use super::ask::Own;
use super::connect::{Ports, Standing};
use super::subject::{Expect, Subject, UNHEALTHY_PATIENCE};
use super::unwell::last_code;
use crate::context::Context;
use crate::engine::{Container, EngineResult, Health, Status};
use crate::event::{Cause, Event, Note};
use crate::memory::Memory;
use crate::naming::is_temporary;
use crate::probing::Probing;
use crate::stack::Restart;

/// How long restarts are waited for where other services start in the same run that may be needed.
const RESTARTS: Duration = Duration::from_secs(60);

/// The same where nothing else starts.
const RESTARTS_ALONE: Duration = Duration::from_secs(15);

/// How long after those that it depends on are ready one that is rehearsed with them may still end.
const AFTER_OTHERS: Duration = Duration::from_secs(5);

/// The longest pause before a twin is started again; the first is a 32nd of it.
const PAUSE: Duration = Duration::from_millis(3200);

/// The state of one subject.
pub(super) struct Asked<'a> {
    pub subject: &'a Subject,
    pub probing: Probing<'a>,
    pub own: Option<Own>,
    ports: Option<Ports>,
    /// Whether what it can be asked is known.
    is_known: bool,
    /// Since when it is ready.
    pub since: Option<Duration>,
    pub done: bool,
    /// Counts its lives, so that an answer of an earlier one is none.
    pub life: u32,
    /// When this life began, as far as the gate knows.
    begun: Duration,
    first_begun: Duration,
    restarts: u32,
    ended: Option<i64>,
    again: Option<Duration>,
    unhealthy_since: Option<Duration>,
    /// How often an end was forgiven.
    pub falls: u32,
    /// How those that it depends on stand, where they are at the gate with it.
    pub others: Others,
    is_remarked: bool,
}

/// How those stand that a container depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Others {
    /// None of them is at the gate.
    None,
    /// Not all of them are ready.
    Awaited,
    /// All are, since then.
    Ready(Duration),
}

pub(super) enum Verdict {
    Waiting,
    Ready,
    Done,
    /// It is a twin, and its policy would start it again.
    Again,
    Failed(Cause),
}

impl<'a> Asked<'a> {
    pub(super) fn new(subject: &'a Subject, now: Duration) -> Self {
        Self {
            subject,
            probing: Probing::new(&subject.service, &subject.probes),
            own: None,
            ports: None,
            is_known: false,
            since: None,
            done: false,
            life: 0,
            begun: now,
            first_begun: now,
            restarts: subject.restarts,
            ended: None,
            again: None,
            unhealthy_since: None,
            falls: 0,
            others: Others::None,
            is_remarked: false,
        }
    }

    /// Finds out what the container can be asked, once it runs, and how it ended, where it was restarted.
    pub(super) async fn look(
        &mut self,
        ctx: &Context,
        found: Option<&Container>,
    ) -> EngineResult<()> {
        let Some(container) = found else { return Ok(()) };
        if container.state.restarts > self.restarts {
            self.ended = last_code(ctx, container).await;
        }
        if self.is_known
            || container.state.status != Status::Running
            || self.subject.expect == Expect::Complete
        {
            return Ok(());
        }
        let checks = ctx.engine.own_checks(&container.id).await?;
        self.is_known = true;
        if let Some(probe) = checks.healthcheck {
            self.own = Some(Own::new(probe));
        } else if self.subject.probes.is_empty() && !self.subject.health {
            let (memory, service) = (&ctx.memory, &self.subject.service);
            let silent = memory.silent(service);
            let before = memory.ports(service);
            self.ports = Some(Ports::new(before, &self.subject.ports, &checks.ports, &silent));
        }
        Ok(())
    }

    /// Since when it is ready; one that has run to its end is.
    pub(super) fn ready_since(&self) -> Option<Duration> {
        self.since.or_else(|| self.done.then_some(self.begun))
    }

    /// What is due to be asked of its ports.
    pub(super) fn ports_due(&mut self, now: Duration) -> Vec<u16> {
        self.ports.as_mut().map(|ports| ports.take_turn(now)).unwrap_or_default()
    }

    pub(super) fn take_port(&mut self, port: u16, answer: &crate::engine::Answer) {
        if let Some(ports) = &mut self.ports {
            ports.take(port, answer);
        }
    }

    /// How long a verdict was waited for: in this life, or in all where the user has said how long.
    pub(super) fn waited(&self, now: Duration) -> Duration {
        now - if self.subject.said.is_some() { self.first_begun } else { self.begun }
    }

    /// Whether no more time is left.
    pub(super) fn is_late(&self, now: Duration) -> bool {
        self.waited(now) >= self.subject.deadline
    }

    /// Whether it passes right now, so that its watch may end.
    pub(super) fn is_steady(&self) -> bool {
        self.probing.pass() && !self.own.as_ref().is_some_and(Own::has_slipped)
    }

    /// What fails when no time is left.
    pub(super) fn late(&self, now: Duration) -> Cause {
        match self.unhealthy_since {
            Some(_) => self.unhealthy(now),
            None => Cause::Deadline { waited: self.waited(now) },
        }
    }

    fn unhealthy(&self, now: Duration) -> Cause {
        let expected = self.own.as_ref().map(|own| {
            let probe = &own.probe;
            probe.start_period.saturating_add(probe.interval.saturating_mul(probe.retries))
        });
        let missing = self.own.as_ref().is_some_and(Own::is_missing);
        Cause::Unhealthy {
            expected,
            waited: self.since.is_none().then(|| now - self.begun),
            missing,
        }
    }

    pub(super) fn judge(
        &mut self,
        ctx: &Context,
        found: Option<&Container>,
        now: Duration,
    ) -> Verdict {
        let Some(container) = found else { return Verdict::Failed(Cause::Vanished) };
        let state = &container.state;
        if state.restarts > self.restarts {
            let (restarts, code) = (state.restarts, self.ended);
            self.restarts = restarts;
            if !self.may_cycle(&ctx.memory, code) {
                if !self.is_forgiven(&ctx.memory, container, now) {
                    return Verdict::Failed(Cause::Restarting { restarts, code });
                }
                self.begin_again(now);
                self.falls += 1;
            }
        }
        match state.status {
            Status::Exited | Status::Dead => self.judge_end(ctx, container, now),
            // A container that was ready and is none of these any more has been stopped and made anew by somebody.
            Status::Created | Status::Paused if self.since.is_some() => {
                Verdict::Failed(Cause::Vanished)
            }
            Status::Running if self.subject.expect == Expect::Complete => Verdict::Waiting,
            Status::Running => self.judge_health(ctx, state.health, now),
            Status::Restarting if self.may_cycle(&ctx.memory, Some(state.exit_code)) => {
                self.ready_without_check(&ctx.memory)
            }
            // One that was restarting when it came to the gate.
            Status::Restarting
                if self.falls == 0 && !self.is_forgiven(&ctx.memory, container, now) =>
            {
                Verdict::Failed(Cause::Restarting {
                    restarts: state.restarts,
                    code: Some(state.exit_code),
                })
            }
            _ => Verdict::Waiting,
        }
    }

    fn judge_end(&mut self, ctx: &Context, container: &Container, now: Duration) -> Verdict {
        let state = &container.state;
        if let Some(at) = self.again {
            if now < at {
                return Verdict::Waiting;
            }
            self.again = None;
            return Verdict::Again;
        }
        let code = if state.oom_killed { None } else { Some(state.exit_code) };
        if code == Some(0) && self.subject.expect != Expect::Live {
            return Verdict::Done;
        }
        // A twin has no restart policy: it is not to be judged worse than the container that it stands for.
        let is_restarted = match self.subject.restart {
            Restart::Never => false,
            Restart::OnFailure => code != Some(0),
            Restart::Always => true,
        };
        if container.rehearsal && is_restarted {
            let cycles = self.may_cycle(&ctx.memory, code);
            if cycles || self.is_forgiven(&ctx.memory, container, now) {
                if !cycles {
                    self.begin_again(now);
                }
                self.again = Some(now + PAUSE / 2_u32.pow(5_u32.saturating_sub(self.falls)));
                self.falls += 1;
                return if cycles {
                    self.ready_without_check(&ctx.memory)
                } else {
                    Verdict::Waiting
                };
            }
        }
        Verdict::Failed(Cause::Exited { code: state.exit_code, oom_killed: state.oom_killed })
    }

    fn judge_health(&mut self, ctx: &Context, health: Option<Health>, now: Duration) -> Verdict {
        if !self.is_known {
            return Verdict::Waiting;
        }
        let was_ready = self.since.is_some();
        let settles = self.subject.is_awaited && !ctx.memory.ran(&self.subject.service);
        let passes = self.own.as_ref().is_some_and(|own| own.passes(now, settles));
        let counts = !self.subject.engine_healthy || was_ready;
        match health {
            Some(Health::Healthy) if self.subject.afresh && self.own.is_some() && !passes => {
                return Verdict::Waiting;
            }
            Some(Health::Healthy) => {}
            Some(_) | None if passes && counts => {}
            Some(Health::Unhealthy) if was_ready => return Verdict::Failed(self.unhealthy(now)),
            Some(Health::Unhealthy) => {
                let since = *self.unhealthy_since.get_or_insert(now);
                // No time helps where the command is not there.
                let is_missing = self.own.as_ref().is_some_and(Own::is_missing);
                let is_enough =
                    is_missing || self.subject.said.is_none() && now - since >= UNHEALTHY_PATIENCE;
                return if is_enough {
                    Verdict::Failed(self.unhealthy(now))
                } else {
                    Verdict::Waiting
                };
            }
            Some(Health::Starting) if !was_ready => return Verdict::Waiting,
            None if !was_ready && (self.own.is_some() || self.subject.health) => {
                return Verdict::Waiting;
            }
            None if self.own.is_none() => return self.judge_ports(ctx, now),
            Some(Health::Starting) | None => {}
        }
        if self.own.as_ref().is_some_and(|own| own.has_failed(now)) {
            return Verdict::Failed(self.unhealthy(now));
        }
        Verdict::Ready
    }

    fn judge_ports(&mut self, ctx: &Context, now: Duration) -> Verdict {
        let is_late = self.is_late(now);
        let Some(ports) = &self.ports else { return Verdict::Ready };
        match ports.standing(now - self.begun, is_late) {
            Standing::Awaited if self.since.is_none() => return Verdict::Waiting,
            Standing::Awaited | Standing::Open => {}
            Standing::Nothing => return self.ready_without_check(&ctx.memory),
            Standing::Silent => {
                let silent = ports.silent();
                let service = &self.subject.service;
                if !std::mem::replace(&mut self.is_remarked, true)
                    && ctx.memory.note_silent(service, &silent)
                {
                    let ports = silent.into_iter().collect();
                    let note = Note::PortsSilent { service: service.clone(), ports };
                    ctx.reporter.report(&Event::Note { note });
                }
            }
        }
        Verdict::Ready
    }

    fn ready_without_check(&self, memory: &Memory) -> Verdict {
        if self.subject.probes.is_empty() {
            memory.note_only_ran(&self.subject.service);
        }
        Verdict::Ready
    }

    /// Whether this end is what the container is for: it ends with 0, and its policy starts it again.
    fn may_cycle(&self, memory: &Memory, code: Option<i64>) -> bool {
        let (subject, service) = (self.subject, &self.subject.service);
        let serves = subject.health
            || self.own.is_some()
            || !subject.probes.is_empty()
            || !subject.ports.is_empty();
        code == Some(0)
            && subject.restart == Restart::Always
            && subject.expect != Expect::Complete
            && !serves
            && (!memory.ran(service) || memory.cycles(service))
    }

    /// Whether an end that is a failure elsewhere is waited out: the service did not run before, or what it depends on starts
    /// in this run as well.
    fn is_forgiven(&self, memory: &Memory, container: &Container, now: Duration) -> bool {
        let (subject, service) = (self.subject, &self.subject.service);
        // Beside what runs, a candidate finds what its predecessor finds.
        let is_beside = container.rehearsal || is_temporary(&container.name);
        let is_first = !memory.ran(service);
        // Unless it is proven together with what it depends on, for as long as that is not ready.
        let is_early = match self.others {
            Others::None => false,
            Others::Awaited => true,
            Others::Ready(since) => now - since < AFTER_OTHERS,
        };
        let starts_with =
            if is_beside { is_early } else { memory.starts_one_of(&subject.depends_on) };
        if subject.restart == Restart::Never || !is_first && !starts_with {
            return false;
        }
        let limit = if memory.has_company(service) { RESTARTS } else { RESTARTS_ALONE };
        let start_period = subject.healthcheck.map_or(Duration::ZERO, |check| check.start_period);
        now - self.first_begun < subject.said.unwrap_or(limit.max(start_period))
    }

    fn begin_again(&mut self, now: Duration) {
        self.life += 1;
        self.begun = now;
        (self.since, self.unhealthy_since, self.is_known) = (None, None, false);
        (self.own, self.ports) = (None, None);
        self.probing = Probing::new(&self.subject.service, &self.subject.probes);
    }
}
