//! What ran when the run began runs when it has ended, the gateway too. An engine that dies in the middle of a run takes containers down,
//! and does not start all of them again.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use super::serving;
use super::trouble::Trouble;
use crate::context::Context;
use crate::engine::{Container, EngineError, EngineResult};
use crate::observed::Observed;
use crate::plan::Undo;
use crate::release::read_release;
use crate::run::Run;
use crate::run_record;
use crate::stack::Model;

/// The ids of the live containers that run and are meant to go on for good. One that may end by itself is none of them: it
/// must not do its work twice.
pub(crate) fn containers(observed: &Observed) -> Vec<String> {
    lasting(observed.model().as_ref(), &observed.live)
}

/// The same of these.
pub(crate) fn lasting(model: Option<&Model>, live: &[Container]) -> Vec<String> {
    let lasting = live.iter().filter(|container| container.is_up() && lasts(model, container));
    lasting.map(|container| container.id.clone()).collect()
}

fn lasts(model: Option<&Model>, container: &Container) -> bool {
    let service = model.and_then(|model| model.services.get(&container.service));
    service.is_some_and(|service| !service.may_complete())
}

/// Starts those that do not run any more. One that somebody removed is none of this run's doing.
///
/// # Errors
/// All that can't be started, or that the engine does not answer.
pub(crate) async fn undo(
    ctx: &Context,
    project: &str,
    containers: &[String],
) -> Result<(), Trouble> {
    let is_wanted = |id: &str| containers.iter().any(|wanted| wanted == id);
    let problems = match start(ctx, project, &|found| is_wanted(&found.id), &is_wanted).await {
        Ok(problems) => problems,
        Err(error) => vec![error],
    };
    Trouble::all(problems.into_iter().map(Trouble::from))
}

/// The same behind the commit, of an interrupted run: what ran runs, or what has taken its place, and what was added.
///
/// # Errors
/// The first that can't be started, that the engine does not answer, or a release that can't be read.
pub(crate) async fn forward(run: &Run<'_>) -> Result<(), crate::error::Error> {
    let (store, layout, state) = (&*run.ctx.store, &run.layout, &run.state);
    // Where the release has been recorded already, it has left its first place.
    let mut release = run_record::next(layout, state, store)?;
    if release.is_none() {
        release = read_release(&layout.current(), store)?;
    }
    let Some(release) = release else { return Ok(()) };
    let model = Model::parse(&release.model(store)?).ok();
    let wanted = meant_to_run(state.steps.iter().map(|record| &record.undo));
    let is_meant =
        |container: &Container| wanted.contains(&container.id) && lasts(model.as_ref(), container);
    let leads = |id: &str| wanted.contains(id);
    let problems = start(run.ctx, &state.project, &is_meant, &leads).await?;
    if let Some(problem) = problems.into_iter().next() {
        return Err(problem.into());
    }
    let late = serving::again(run.ctx, &state.project, model.as_ref(), &wanted, &run.begun).await;
    serving::tell(run.ctx, late);
    Ok(())
}

/// The containers that run behind the commit of a run with these steps.
fn meant_to_run<'a>(undos: impl Iterator<Item = &'a Undo>) -> BTreeSet<String> {
    let (mut ran, mut replaced, mut wanted) = (Vec::new(), BTreeMap::new(), BTreeSet::new());
    for undo in undos {
        match undo {
            Undo::KeepUp { containers, .. } => ran.extend(containers),
            Undo::Start { containers } => wanted.extend(containers.iter().cloned()),
            Undo::SwitchGateway { old, new } => {
                let new = new.as_ref().map(|new| &new.id);
                match old {
                    Some(old) => drop(replaced.insert(&old.id, new)),
                    None => wanted.extend(new.cloned()),
                }
            }
            Undo::Replace { swaps } => {
                for swap in swaps {
                    let new = swap.new.as_ref().map(|new| &new.id);
                    match &swap.old {
                        Some(old) => drop(replaced.insert(&old.id, new)),
                        None => wanted.extend(new.cloned()),
                    }
                }
            }
            _ => {}
        }
    }
    wanted.extend(ran.into_iter().filter_map(|id| *replaced.get(id).unwrap_or(&Some(id))).cloned());
    wanted
}

/// Starts the project's containers and gateways that are wanted and down. Returns what can't be started.
async fn start(
    ctx: &Context,
    project: &str,
    wanted: &(dyn Fn(&Container) -> bool + Sync),
    leads: &(dyn Fn(&str) -> bool + Sync),
) -> EngineResult<Vec<EngineError>> {
    let now = ctx.engine.containers(project).await?;
    let gateways = ctx.engine.gateways(project).await?;
    let mut starts = Vec::new();
    for gateway in gateways.iter().filter(|found| !found.running && leads(&found.id)) {
        starts.push(ctx.engine.start(&gateway.id));
    }
    for container in now.iter().filter(|found| !found.is_up() && wanted(found)) {
        starts.push(ctx.engine.start(&container.id));
    }
    let started = join_all(starts).await;
    Ok(started.into_iter().filter_map(Result::err).collect())
}

/// What a person does instead.
pub(super) fn by_hand(containers: &[String]) -> String {
    format!("docker start {}", containers.join(" "))
}
