//! What a run, or the engine, has started again serves before it is said how the run ended: no longer waited for than its definition
//! gives it. That it does not serve changes nothing of the end, and is told.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;

use futures_util::future::{Either, join_all, select};
use jiff::Timestamp;

use super::reach;
use crate::context::Context;
use crate::engine::Container;
use crate::event::{Cause, Event, Failure, Note};
use crate::gate::{PORTS, Progress, Subject, asking, bare_subject, pass, subject};
use crate::plan::Undo;
use crate::run::Run;
use crate::stack::Model;

/// By how much the clock of an engine on another machine may differ from ours.
const SKEW: i64 = 60;

/// Something that does not serve again, and why.
pub(crate) struct Late {
    /// Its service; of a gateway its container.
    pub(crate) service: String,
    pub(crate) failure: Failure,
}

/// Waits for what ran when a run began that has been undone. `model` is that of the release that runs.
pub(crate) async fn after_undo(run: &Run<'_>, model: Option<&Model>) -> Vec<Late> {
    let mut wanted = BTreeSet::new();
    for record in &run.state.steps {
        if let Undo::KeepUp { containers, .. } = &record.undo {
            wanted.extend(containers.iter().cloned());
        }
    }
    again(run.ctx, &run.state.project, model, &wanted, &run.begun).await
}

/// Waits for those of these containers and gateways that were started after this moment. What was not touched is as it was.
pub(crate) async fn again(
    ctx: &Context,
    project: &str,
    model: Option<&Model>,
    wanted: &BTreeSet<String>,
    since: &str,
) -> Vec<Late> {
    let Ok(mut found) = ctx.engine.containers(project).await else { return Vec::new() };
    let unwell = ctx.memory.unwell();
    let was_well = |name: &str| !unwell.iter().any(|before| before.container == name);
    found.retain(|c| wanted.contains(&c.id) && c.is_up() && was_well(&c.name) && is_new(c, since));
    ctx.memory.known().starting.extend(found.iter().map(|container| container.service.clone()));
    let waits = found.iter().map(async |container| {
        let at_gate = [waited_for(model, container)];
        let watch = BTreeMap::new();
        let passed = unless_stopped(ctx, pass(ctx, &at_gate, &watch, Progress::Told)).await;
        passed.err().map(|failure| Late { service: container.service.clone(), failure })
    });
    let mut late: Vec<Late> = join_all(waits).await.into_iter().flatten().collect();
    if !late.iter().any(|late| late.failure.cause == Cause::Interrupted) {
        late.extend(gateways(ctx, project, wanted).await);
    }
    late
}

/// Waits for it until somebody wishes to stop. All has been done that such a wish must not keep from being done.
async fn unless_stopped<T>(
    ctx: &Context,
    waited_for: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    match select(pin!(waited_for), pin!(ctx.cancel.wait_again())).await {
        Either::Left((passed, _)) => passed,
        Either::Right(_) => Err(Failure::new(Cause::Interrupted)),
    }
}

/// Says what does not serve.
pub(crate) fn tell(ctx: &Context, late: Vec<Late>) {
    for Late { service, failure } in late {
        let note = Note::NotServing { service, failure };
        ctx.reporter.report(&Event::Note { note });
    }
}

/// Gateways that answer, and reach their services.
async fn gateways(ctx: &Context, project: &str, wanted: &BTreeSet<String>) -> Option<Late> {
    let found = ctx.engine.gateways(project).await.ok()?;
    let mut late = None;
    for gateway in found.iter().filter(|gateway| gateway.running && wanted.contains(&gateway.id)) {
        let works = unless_stopped(ctx, reach::works(ctx, &gateway.id)).await;
        let service = gateway.name.clone();
        late = late.or(works.err().map(|failure| Late { service, failure }));
    }
    late
}

fn waited_for(model: Option<&Model>, container: &Container) -> Subject {
    let service = model.and_then(|model| Some((model, model.services.get(&container.service)?)));
    let mut at_gate = match service {
        Some((model, service)) => subject(model, service, &container.id, None, false),
        None => bare_subject(&container.service, &container.id),
    };
    at_gate.restarts = container.state.restarts;
    if at_gate.healthcheck.is_none() {
        at_gate.deadline = at_gate.deadline.min(PORTS + asking(&at_gate.probes));
    }
    at_gate
}

/// Whether it was started after this moment, as far as that can be said.
fn is_new(container: &Container, since: &str) -> bool {
    let moment = |text: &str| text.parse::<Timestamp>().ok().map(Timestamp::as_second);
    match (moment(&container.state.started_at), moment(since)) {
        (Some(started), Some(since)) => started >= since - SKEW,
        _ => true,
    }
}
