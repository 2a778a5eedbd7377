//! The gate: does a container become and stay what it should be?
//!
//! Progress decides, not only a wall clock: an end, a restart or a bad report fails at once, whatever time is left.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;

use crate::context::Context;
use crate::event::{Activity, Cause, Event, Failure, Note};
use crate::ports::{Clock, Container, Engine, EngineError, Health, Status};
use crate::probing::Probing;
use crate::stack::{FailureAction, Model, Probe, Restart, Service};

/// How often the engine is asked.
const PACE: Duration = Duration::from_millis(100);

/// How many lines of a failed container's output are shown.
const LOG_LINES: usize = 20;

/// How long a container without a healthcheck may take to run, and a one-shot service to end.
const PATIENCE: Duration = Duration::from_secs(600);

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
    /// How long a verdict may take.
    pub deadline: Duration,
    /// What it is asked, on top of what it says of itself.
    pub probes: Vec<Probe>,
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

/// Whether the reporter hears which services are ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It does.
    Told,
    /// It has heard so before, or hears of the whole step's end.
    Quiet,
}

/// What the model expects of the containers of a service.
pub(crate) fn subject(
    model: &Model,
    service: &Service,
    id: &str,
    wait_timeout: Option<Duration>,
    rollback: bool,
) -> Subject {
    use crate::stack::Condition::ServiceCompletedSuccessfully;
    let awaited = model.services.values().any(|other| {
        other
            .depends_on
            .get(&service.name)
            .is_some_and(|dep| dep.condition == ServiceCompletedSuccessfully)
    });
    let expect = if awaited {
        Expect::Complete
    } else if service.may_complete() && service.restart != Restart::Always {
        Expect::Either
    } else {
        Expect::Live
    };
    let own = service
        .healthcheck
        .map_or(PATIENCE, |check| check.budget().saturating_add(Duration::from_secs(1)));
    let probes = if expect == Expect::Live { service.probes.clone() } else { Vec::new() };
    let asked = probes.iter().map(Probe::budget).max().unwrap_or_default();
    Subject {
        id: id.to_owned(),
        service: service.name.clone(),
        expect,
        health: service.healthcheck.is_some() && expect == Expect::Live,
        deadline: wait_timeout.unwrap_or(own.saturating_add(asked)),
        probes,
        restarts: 0,
        tolerance: tolerance(service, rollback),
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

/// Waits until each subject is ready, and then stayed so for its service's time in `watch` (none: not at all).
///
/// # Errors
/// The first failure that the model does not allow, with the container's last words.
pub(crate) async fn pass<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    subjects: &[Subject],
    watch: &BTreeMap<String, Duration>,
    progress: Progress,
) -> Result<(), Failure> {
    let begun = ctx.clock.elapsed();
    let mut since: Vec<Option<Duration>> = vec![None; subjects.len()];
    let mut done = vec![false; subjects.len()];
    let mut failed: BTreeMap<&str, usize> = BTreeMap::new();
    let mut shown: BTreeMap<&str, u32> = BTreeMap::new();
    let mut probing: Vec<Probing<'_>> =
        subjects.iter().map(|subject| Probing::new(&subject.service, &subject.probes)).collect();
    loop {
        let open: Vec<usize> = (0..subjects.len()).filter(|at| !done[*at]).collect();
        let looks = join_all(open.iter().map(|at| ctx.engine.container(&subjects[*at].id))).await;
        let now = ctx.clock.elapsed();
        let mut judged = Vec::new();
        for (at, look) in open.into_iter().zip(looks) {
            let subject = &subjects[at];
            let found = look.map_err(|error| engine_failure(Some(&subject.service), &error))?;
            let verdict = judge(subject, found.as_ref(), since[at].is_some());
            judged.push((at, found, verdict));
        }
        ask(ctx, subjects, &judged, &mut probing).await?;
        for (at, found, verdict) in judged {
            let subject = &subjects[at];
            let is_ready = matches!(verdict, Verdict::Ready);
            let verdict = match probing[at].failed() {
                Some(cause) if is_ready => Verdict::Failed(cause),
                None if is_ready && !probing[at].pass() && since[at].is_none() => Verdict::Waiting,
                _ => verdict,
            };
            match verdict {
                Verdict::Waiting if now - begun < subject.deadline => {}
                Verdict::Done => done[at] = true,
                Verdict::Ready => {
                    let first = *since[at].get_or_insert(now);
                    let time = watch.get(&subject.service).copied().unwrap_or_default();
                    done[at] = now - first >= time && probing[at].pass();
                }
                verdict => {
                    let cause = match verdict {
                        Verdict::Failed(cause) => cause,
                        _ => Cause::Deadline { waited: now - begun },
                    };
                    let count = failed.entry(&subject.service).or_default();
                    *count += 1;
                    let total =
                        subjects.iter().filter(|other| other.service == subject.service).count();
                    if *count > tolerated(subject.tolerance, total) {
                        let complaints = probing[at].complaints();
                        let failure = explain(ctx, subject, found.as_ref(), cause).await;
                        return Err(failure.with_health(complaints));
                    }
                    done[at] = true;
                    let note = Note::FailureTolerated { service: subject.service.clone() };
                    ctx.reporter.report(&Event::Note { note });
                }
            }
        }
        if progress == Progress::Told {
            report_progress(ctx, subjects, &since, &done, &mut shown);
        }
        if done.iter().all(|done| *done) {
            return Ok(());
        }
        ctx.clock.sleep(PACE).await;
    }
}

/// Asks those that say of themselves that they are ready.
async fn ask<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    subjects: &[Subject],
    judged: &[(usize, Option<Container>, Verdict)],
    probing: &mut [Probing<'_>],
) -> Result<(), Failure> {
    let is_ready = |at: usize| {
        judged.iter().any(|(index, _, verdict)| *index == at && matches!(verdict, Verdict::Ready))
    };
    let ready = probing.iter_mut().enumerate().filter(|(at, _)| is_ready(*at));
    let asked = ready.map(async |(at, probing)| {
        let subject = &subjects[at];
        let asked = probing.ask(ctx, &subject.id).await;
        asked.map_err(|error| engine_failure(Some(&subject.service), &error))
    });
    join_all(asked).await.into_iter().collect()
}

enum Verdict {
    Waiting,
    Ready,
    Done,
    Failed(Cause),
}

fn judge(subject: &Subject, found: Option<&Container>, was_ready: bool) -> Verdict {
    let Some(container) = found else { return Verdict::Failed(Cause::Vanished) };
    let state = &container.state;
    if state.restarts > subject.restarts || state.status == Status::Restarting {
        return Verdict::Failed(Cause::Restarting {
            restarts: state.restarts,
            code: state.exit_code,
        });
    }
    match state.status {
        Status::Exited | Status::Dead => {
            if state.exit_code == 0 && !state.oom_killed && subject.expect != Expect::Live {
                return Verdict::Done;
            }
            Verdict::Failed(Cause::Exited { code: state.exit_code, oom_killed: state.oom_killed })
        }
        // A container that was ready and is none of these any more has been stopped and made anew by somebody.
        Status::Created | Status::Paused if was_ready => Verdict::Failed(Cause::Vanished),
        Status::Running if subject.expect == Expect::Complete => Verdict::Waiting,
        // What the container says counts, not the model: the healthcheck may be the image's own.
        Status::Running => match state.health {
            Some(Health::Unhealthy) => Verdict::Failed(Cause::Unhealthy),
            Some(Health::Starting) if !was_ready => Verdict::Waiting,
            None if subject.health => Verdict::Waiting,
            _ => Verdict::Ready,
        },
        _ => Verdict::Waiting,
    }
}

fn report_progress<'a, E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    subjects: &'a [Subject],
    since: &[Option<Duration>],
    done: &[bool],
    shown: &mut BTreeMap<&'a str, u32>,
) {
    let mut counts: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for (at, subject) in subjects.iter().enumerate() {
        let (ready, of) = counts.entry(&subject.service).or_default();
        *ready += u32::from(since[at].is_some() || done[at]);
        *of += 1;
    }
    for (service, (ready, of)) in counts {
        if shown.insert(service, ready) != Some(ready) {
            let activity =
                if ready == of { Activity::Ready } else { Activity::Waiting { ready, of } };
            ctx.reporter.report(&Event::Service { service: service.to_owned(), activity });
        }
    }
}

/// A failure with the container's last words.
async fn explain<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    subject: &Subject,
    found: Option<&Container>,
    cause: Cause,
) -> Failure {
    let activity = Activity::Failed;
    ctx.reporter.report(&Event::Service { service: subject.service.clone(), activity });
    let mut failure = Failure::of(&subject.service, cause);
    if let Some(container) = found {
        failure.container = Some(container.name.clone());
        failure.health.clone_from(&container.state.health_log);
        // Without its words the failure is still one.
        failure.logs = ctx.engine.logs(&subject.id, LOG_LINES).await.unwrap_or_default();
    }
    failure
}

/// An engine's error as the cause of a failed run.
pub(crate) fn engine_failure(service: Option<&str>, error: &EngineError) -> Failure {
    use crate::ports::EngineErrorKind as Kind;
    let message = error.message.clone();
    let cause = match error.kind {
        Kind::Build => Cause::Build { message },
        Kind::Pull => Cause::Pull { message },
        Kind::PortTaken => Cause::PortTaken { message },
        Kind::DiskFull => Cause::DiskFull { message },
        _ => Cause::Engine { message: error.to_string() },
    };
    Failure { service: service.map(str::to_owned), ..Failure::new(cause) }
}
