//! The rehearsal: every candidate, or its twin, runs beside the old containers and has to pass the gate before the first
//! old container is touched.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::try_join_all;

use crate::context::Context;
use crate::event::{Activity, Event, Failure};
use crate::gate::{Progress, Subject, engine_failure, pass, subject};
use crate::ports::{Clock, Created, Engine};
use crate::stack::{Condition, Model};

/// What a rehearsal works with.
pub(crate) struct Rehearsal<'a> {
    pub model: &'a Model,
    pub waves: &'a [Vec<String>],
    pub created: &'a [Created],
    /// Services that are rehearsed by a twin.
    pub twins: &'a [String],
    /// How long each service is watched.
    pub watch: &'a BTreeMap<String, Duration>,
    pub wait_timeout: Option<Duration>,
    /// Whether `rollback_config` rules before `update_config`.
    pub rollback: bool,
}

/// Starts the candidates wave by wave, watches all of them, and removes the twins.
pub(crate) async fn apply<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    rehearsal: &Rehearsal<'_>,
) -> Result<(), Failure> {
    let mut all: Vec<Subject> = Vec::new();
    for (index, wave) in rehearsal.waves.iter().enumerate() {
        let wave: Vec<&Created> = rehearsal
            .created
            .iter()
            .filter(|new| {
                wave.contains(&new.service)
                    && new.rehearsal == rehearsal.twins.contains(&new.service)
            })
            .collect();
        try_join_all(wave.iter().map(|new| start(ctx, new))).await?;
        let subjects = wave.iter().filter_map(|new| {
            let service = rehearsal.model.services.get(&new.service)?;
            Some(subject(
                rehearsal.model,
                service,
                &new.id,
                rehearsal.wait_timeout,
                rehearsal.rollback,
            ))
        });
        let subjects: Vec<Subject> = subjects.collect();
        let later: Vec<&String> = rehearsal.waves[index + 1..].iter().flatten().collect();
        let awaited: Vec<Subject> = subjects
            .iter()
            .filter(|s| is_awaited(rehearsal.model, &s.service, &later))
            .cloned()
            .collect();
        all.extend(subjects);
        if !awaited.is_empty() {
            pass(ctx, &awaited, &BTreeMap::new(), Progress::Quiet).await?;
        }
    }
    pass(ctx, &all, rehearsal.watch, Progress::Told).await?;
    let twins = rehearsal.created.iter().filter(|new| new.rehearsal);
    try_join_all(twins.map(|twin| ctx.engine.remove(&twin.id, true)))
        .await
        .map_err(|error| engine_failure(None, &error))?;
    Ok(())
}

async fn start<E: Engine, C: Clock>(ctx: &Context<'_, E, C>, new: &Created) -> Result<(), Failure> {
    let activity = Activity::Rehearsing;
    ctx.reporter.report(&Event::Service { service: new.service.clone(), activity });
    ctx.engine.start(&new.id).await.map_err(|error| start_failure(&new.service, &error))
}

/// Whether one of `later` waits for more than the start of this service.
pub(crate) fn is_awaited(model: &Model, service: &str, later: &[&String]) -> bool {
    later.iter().filter_map(|name| model.services.get(*name)).any(|other| {
        other
            .depends_on
            .get(service)
            .is_some_and(|dependency| dependency.condition != Condition::ServiceStarted)
    })
}

/// An error while starting a container: a port that is taken, or the engine's own words.
pub(crate) fn start_failure(service: &str, error: &crate::ports::EngineError) -> Failure {
    use crate::event::Cause;
    use crate::ports::EngineErrorKind::{DiskFull, PortTaken};
    match error.kind {
        PortTaken | DiskFull => engine_failure(Some(service), error),
        _ => Failure::of(service, Cause::Start { message: error.message.clone() }),
    }
}
