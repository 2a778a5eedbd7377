//! Old containers that stay up for a while after the commit, and the way back to them: a rollback lets the gateway lead to them
//! first, and then goes the way of any other.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::{join, join_all};

use super::trouble::Trouble;
use crate::context::Context;
use crate::engine::{Container, Created, EngineErrorKind, EngineResult, Health, Status};
use crate::error::Result;
use crate::event::{Event, Failure, Note, RunKind};
use crate::gateway::target;
use crate::naming::{is_warm, warm_name};
use crate::plan::{Step, Swap, SwitchBackRecord, Traffic, Undo};
use crate::release::is_of_update;
use crate::run::Run;
use crate::run_state::RunState;
use crate::warm::{Warm, WarmContainer, forget};

/// Whether an old container can stay beside the one that takes its place: it runs, and has no network of its own, which would
/// have to stay too.
pub(super) fn can_stay(old: Option<&Container>, new: Option<&Created>) -> bool {
    let (Some(old), Some(new)) = (old, new) else { return false };
    old.state.status == Status::Running
        && old.networks.keys().all(|network| new.aliases.contains_key(network))
}

/// Takes its names from an old container that is to stay up, so that nobody finds it. False where it is to end instead: somebody
/// beside the gateway is still connected to it, or nobody can say; or its address became another one, so that what it has
/// open leads nowhere.
pub(super) async fn rests(ctx: &Context, swap: &Swap) -> EngineResult<bool> {
    let (true, Some(by), Some(old)) = (swap.warm, &swap.routed, &swap.old) else {
        return Ok(false);
    };
    let is_free = old.lives_in.is_empty() && old.lends_to.is_empty();
    if !is_free || ctx.engine.has_visitors(&old.id, &by.gateway).await? != Some(false) {
        return Ok(false);
    }
    let Traffic::Names { old: names, .. } = &swap.traffic;
    for network in names.keys() {
        if !ctx.engine.set_aliases(&old.id, network, &[]).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The release that a rollback would go back to, and the backup that leads there; `None` where the run has made none.
pub(super) fn way_back(state: &RunState) -> Option<(&str, &str)> {
    let folder = state.steps.iter().find_map(|done| match &done.undo {
        Undo::Backup { folder } => Some(folder.as_str()),
        _ => None,
    });
    state.previous.as_deref().zip(folder)
}

/// What somebody types to go back.
fn command(kind: RunKind, folder: &str) -> String {
    match kind {
        RunKind::Update => "backstay rollback --updates".to_owned(),
        // What comes before the release that it leads to is another one.
        RunKind::Rollback if is_of_update(folder) => {
            format!("backstay rollback --updates {folder}")
        }
        RunKind::Rollback => format!("backstay rollback {folder}"),
        _ => "backstay rollback".to_owned(),
    }
}

/// After the commit: the old containers that are to stay up and do, on record first. Returns their ids.
///
/// # Errors
/// When the record can't be written, or the engine does not do what is asked.
pub(crate) async fn keep(run: &Run<'_>) -> Result<BTreeSet<String>> {
    let (ctx, state) = (run.ctx, &run.state);
    let before = Warm::read(&run.layout, &*ctx.store);
    if state.kind == RunKind::DataSave {
        // The release stays, and with it the way back.
        let up = before.iter().flat_map(Warm::all);
        return Ok(up.map(|one| one.id.clone()).collect());
    }
    let Some((release, folder)) = way_back(state) else { return none(run) };
    let mut names: Vec<(&str, String)> = Vec::new();
    let mut warm = Warm::new(&state.run, release, command(state.kind, folder));
    let now = ctx.clock.now().timestamp();
    for swap in swaps(state).filter(|swap| swap.warm) {
        let change = state.plan.as_ref().and_then(|plan| plan.change(&swap.service));
        let seconds = change.and_then(|change| change.warm);
        let (Some(by), Some(seconds)) = (&swap.routed, seconds) else { continue };
        warm.gateway.clone_from(&by.gateway);
        let stays = |id: &str, time: Duration| WarmContainer {
            service: swap.service.clone(),
            id: id.to_owned(),
            former: by.former.clone(),
            ports: by.ports.clone(),
            until: now.saturating_add(time).unwrap_or(now),
        };
        if let Some(old) = &swap.old
            && runs(ctx, &old.id).await?
        {
            names.push((&old.id, warm_name(&old.name, &state.run)));
            warm.containers.push(stays(&old.id, Duration::from_secs(seconds)));
        }
        for id in &swap.stand_ins {
            if runs(ctx, id).await? {
                // No longer than was said, but for the time that everything gets that is under way.
                let mut one = stays(id, Duration::from_millis(by.drain_ms));
                let said = before.iter().flat_map(Warm::all).find(|said| &said.id == id);
                one.until = said.map_or(one.until, |said| said.until.max(one.until));
                warm.finishing.push(one);
            }
        }
    }
    let Some(until) = warm.until() else { return none(run) };
    warm.write(&run.layout, &*ctx.store)?;
    for (id, name) in names {
        ctx.engine.never_restart(id).await?;
        ctx.engine.rename(id, &name).await?;
    }
    let services: BTreeSet<String> = warm.containers.iter().map(|c| c.service.clone()).collect();
    if !services.is_empty() {
        let (services, until) = (services.into_iter().collect(), until.to_string());
        let command = warm.command.clone();
        ctx.reporter.report(&Event::Note { note: Note::KeptWarm { services, until, command } });
    }
    Ok(warm.all().map(|container| container.id.clone()).collect())
}

/// Whether a container runs.
pub(super) async fn runs(ctx: &Context, id: &str) -> EngineResult<bool> {
    let found = ctx.engine.container(id).await?;
    Ok(found.is_some_and(|found| found.state.status == Status::Running))
}

/// After the commit: none stays up, and those of the run before are not needed any more.
///
/// # Errors
/// When the record can't be removed.
pub(crate) fn none(run: &Run<'_>) -> Result<BTreeSet<String>> {
    forget(&run.layout, &*run.ctx.store)?;
    Ok(BTreeSet::new())
}

fn swaps(state: &RunState) -> impl Iterator<Item = &Swap> {
    state.steps.iter().flat_map(|done| match &done.undo {
        Undo::Replace { swaps } => swaps.as_slice(),
        _ => &[],
    })
}

/// Lets the gateway lead to the old containers that are still up and well, each asked once. Where none is, nothing is done.
pub(crate) async fn switch_back(
    run: &mut Run<'_>,
    warm: &Warm,
    only: Option<&BTreeSet<String>>,
) -> Result<(), Failure> {
    let ctx = run.ctx;
    let now = ctx.clock.now().timestamp();
    let meant = warm.containers.iter().filter(|container| {
        now < container.until && only.is_none_or(|only| only.contains(&container.service))
    });
    let asked = meant.map(async |container| {
        let name = is_well(ctx, container).await;
        name.map(|name| (container, name))
    });
    let well: Vec<(&WarmContainer, String)> = join_all(asked).await.into_iter().flatten().collect();
    let Ok(mut routes) = ctx.engine.routes(&warm.gateway).await else { return Ok(()) };
    let mut services: BTreeMap<String, SwitchBackRecord> = BTreeMap::new();
    for (name, service) in &mut routes.services {
        let mine = well.iter().filter(|(container, _)| &container.service == name);
        let to: Vec<_> =
            mine.map(|(found, called)| target(&found.id, called, &found.former)).collect();
        if !to.is_empty() {
            let from = std::mem::replace(&mut service.targets, to.clone());
            services.insert(name.clone(), SwitchBackRecord { from, to });
        }
    }
    if services.is_empty() {
        return Ok(());
    }
    routes.generation += 1;
    let step = Step::SwitchBack { services: services.keys().cloned().collect() };
    let undo = Undo::SwitchBack { gateway: warm.gateway.clone(), services };
    let effect = async { Ok(ctx.engine.set_routes(&warm.gateway, &routes).await?) };
    run.step(step, undo, effect).await
}

/// The name of one that can serve: it runs, is not unhealthy by its own check, and listens where the gateway leads to.
async fn is_well(ctx: &Context, warm: &WarmContainer) -> Option<String> {
    let (found, listens) =
        join(ctx.engine.container(&warm.id), ctx.engine.listening(&warm.id)).await;
    let found = found.ok().flatten()?;
    let is_up = found.state.status == Status::Running
        && matches!(found.state.health, None | Some(Health::Healthy));
    let listens = match listens {
        Ok(Some(ports)) => warm.ports.iter().all(|port| ports.contains(port)),
        // Nobody can say.
        Ok(None) => true,
        Err(_) => false,
    };
    (is_warm(&found.name) && is_up && listens).then_some(found.name)
}

/// Lets the gateway lead to whom it led before.
pub(super) async fn undo(
    ctx: &Context,
    gateway: &str,
    services: &BTreeMap<String, SwitchBackRecord>,
) -> Result<(), Trouble> {
    let mut routes = match ctx.engine.routes(gateway).await {
        Err(error) if error.kind == EngineErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    let before = routes.services.clone();
    for (name, record) in services {
        let Some(service) = routes.services.get_mut(name) else { continue };
        let is_one = |id: &str| record.to.iter().any(|to| to.id == id);
        service.targets.retain(|now| !is_one(&now.id));
        for from in &record.from {
            if service.targets.iter().all(|now| now.id != from.id) {
                service.targets.push(from.clone());
            }
        }
    }
    if routes.services == before {
        return Ok(());
    }
    routes.generation += 1;
    ctx.engine.set_routes(gateway, &routes).await.map_err(Trouble::from)
}

/// The same beforehand: those that are on record.
pub(crate) fn planned(
    warm: &Warm,
    only: Option<&BTreeSet<String>>,
) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let meant = |one: &&WarmContainer| only.is_none_or(|only| only.contains(&one.service));
    for one in warm.containers.iter().filter(meant) {
        found.entry(one.service.clone()).or_default().push(one.id.clone());
    }
    found
}

/// The containers to which a run lets the gateway lead for now, by service.
pub(crate) fn stand_ins(state: &RunState) -> BTreeMap<String, Vec<String>> {
    let records = state.steps.iter().filter_map(|done| match &done.undo {
        Undo::SwitchBack { services, .. } => Some(services),
        _ => None,
    });
    let ids = |record: &SwitchBackRecord| record.to.iter().map(|to| to.id.clone()).collect();
    records.flatten().map(|(name, record)| (name.clone(), ids(record))).collect()
}

/// Each new container takes over from one of those that stand in too, the last one from all that are left.
pub(super) fn stand_in(swaps: &mut [Swap], stand_ins: &BTreeMap<String, Vec<String>>) {
    for (service, ids) in stand_ins {
        let mut ids = ids.iter().cloned();
        let mine = swaps.iter_mut().filter(|swap| &swap.service == service && swap.new.is_some());
        let mut mine: Vec<&mut Swap> = mine.collect();
        for swap in &mut mine {
            swap.stand_ins.extend(ids.next());
        }
        if let Some(last) = mine.last_mut() {
            last.stand_ins.extend(ids);
        }
    }
}
