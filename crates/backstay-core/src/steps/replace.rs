//! The switch: new containers take over from old ones, which are stopped and kept until the commit.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::{join_all, try_join_all};

use super::rehearse::start_failure;
use crate::context::Context;
use crate::event::{Activity, Event, Failure, OldContainer, Swap};
use crate::gate::{Expect, Progress, Subject, engine_failure, pass, subject};
use crate::naming::kept_name;
use crate::ports::{Clock, Container, Created, Engine, EngineResult, Status};
use crate::stack::{Model, Service};

/// What a switch works with.
pub(crate) struct Replacement<'a> {
    pub model: &'a Model,
    pub run: &'a str,
    pub swaps: &'a [Swap],
    pub wait_timeout: Option<Duration>,
    /// Whether `rollback_config` rules before `update_config`.
    pub rollback: bool,
    /// Whether one of the services takes a host port over from another one: then all are stopped before one is started.
    pub trades_ports: bool,
}

/// Pairs the live containers of a service with its new ones, by their order.
pub(crate) fn pair(
    service: &str,
    live: &[Container],
    created: &[Created],
    overlap: bool,
) -> Vec<Swap> {
    let mut old: Vec<&Container> =
        live.iter().filter(|container| container.service == service).collect();
    old.sort_by_key(|container| container.number);
    let mut new: Vec<&Created> =
        created.iter().filter(|new| new.service == service && !new.rehearsal).collect();
    new.sort_by_key(|new| new.number);
    (0..old.len().max(new.len()))
        .map(|index| Swap {
            service: service.to_owned(),
            old: old.get(index).map(|container| old_container(container)),
            new: new.get(index).map(|new| (*new).clone()),
            overlap,
        })
        .collect()
}

/// What bringing a live container back needs.
pub(crate) fn old_container(container: &Container) -> OldContainer {
    OldContainer {
        id: container.id.clone(),
        name: container.name.clone(),
        running: matches!(
            container.state.status,
            Status::Running | Status::Restarting | Status::Paused
        ),
        aliases: container.networks.clone(),
    }
}

/// Lets the new containers take over, each service in its own batches, services side by side.
pub(crate) async fn apply<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    replacement: &Replacement<'_>,
) -> Result<(), Failure> {
    let mut services: BTreeMap<&str, Vec<&Swap>> = BTreeMap::new();
    for swap in replacement.swaps {
        services.entry(&swap.service).or_default().push(swap);
    }
    if !replacement.trades_ports {
        try_join_all(
            services.into_iter().map(|(name, swaps)| service(ctx, replacement, name, swaps)),
        )
        .await?;
        return Ok(());
    }
    // A port is free only when all who had one of theirs have let go.
    let old =
        replacement.swaps.iter().filter(|swap| !swap.overlap).filter_map(|swap| swap.old.as_ref());
    try_join_all(old.map(|old| ctx.engine.stop(&old.id)))
        .await
        .map_err(|error| engine_failure(None, &error))?;
    for name in replacement.model.order().unwrap_or_default().concat() {
        if let Some(swaps) = services.remove(name.as_str()) {
            service(ctx, replacement, &name, swaps).await?;
        }
    }
    Ok(())
}

async fn service<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    replacement: &Replacement<'_>,
    name: &str,
    swaps: Vec<&Swap>,
) -> Result<(), Failure> {
    let tell =
        |activity| ctx.reporter.report(&Event::Service { service: name.to_owned(), activity });
    let Some(model) = replacement.model.services.get(name) else {
        tell(Activity::Removing);
        try_join_all(swaps.into_iter().map(|swap| switch(ctx, replacement, None, swap))).await?;
        return Ok(());
    };
    let config = model.rollout(replacement.rollback);
    let parallelism =
        config.parallelism.map_or(1, |n| if n == 0 { swaps.len() } else { n as usize });
    let delay = config.delay.unwrap_or_default();
    for (index, batch) in swaps.chunks(parallelism.max(1)).enumerate() {
        if index > 0 && !delay.is_zero() {
            ctx.clock.sleep(delay).await;
        }
        tell(Activity::Switching);
        try_join_all(batch.iter().map(|swap| switch(ctx, replacement, Some(model), swap))).await?;
    }
    tell(Activity::Live);
    Ok(())
}

async fn switch<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    replacement: &Replacement<'_>,
    model: Option<&Service>,
    swap: &Swap,
) -> Result<(), Failure> {
    let refuse = |error| engine_failure(Some(&swap.service), &error);
    if let Some(old) = &swap.old {
        rename(ctx, &old.id, &kept_name(&old.name, replacement.run)).await.map_err(refuse)?;
    }
    // All that can be done before the old container stops is done before: what comes after is the gap.
    if let Some(new) = &swap.new {
        let stopped = rename(ctx, &new.id, &new.name).await.map_err(refuse)?;
        if stopped && swap.overlap {
            ctx.engine.start(&new.id).await.map_err(refuse)?;
        }
        for (network, aliases) in &new.aliases {
            ctx.engine.set_aliases(&new.id, network, aliases).await.map_err(refuse)?;
        }
    }
    if !swap.overlap {
        retire(ctx, swap.old.as_ref()).await.map_err(refuse)?;
    }
    if let Some(new) = &swap.new {
        take_over(ctx, replacement, model, swap, new).await?;
    }
    if swap.overlap {
        retire(ctx, swap.old.as_ref()).await.map_err(refuse)?;
    }
    Ok(())
}

/// Renames a container. One that is being restarted by its policy can't be; then it is stopped first. Returns whether it was.
async fn rename<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    id: &str,
    name: &str,
) -> EngineResult<bool> {
    let Err(error) = ctx.engine.rename(id, name).await else { return Ok(false) };
    // By now it may run for a moment: what counts is that its policy starts it again and again.
    let found = ctx.engine.container(id).await?;
    let falls = found
        .is_some_and(|found| found.state.restarts > 0 || found.state.status == Status::Restarting);
    if !falls {
        return Err(error);
    }
    ctx.engine.stop(id).await?;
    ctx.engine.rename(id, name).await?;
    Ok(true)
}

async fn take_over<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    replacement: &Replacement<'_>,
    model: Option<&Service>,
    swap: &Swap,
    new: &Created,
) -> Result<(), Failure> {
    // One that overlaps has been up since the rehearsal, or has run to its end, which is not to happen twice.
    if !swap.overlap {
        ctx.engine.start(&new.id).await.map_err(|error| start_failure(&new.service, &error))?;
    }
    let Some(service) = model else { return Ok(()) };
    let was_running = swap.old.as_ref().is_some_and(|old| old.running);
    let at_gate = after_switch(replacement, service, &new.id, was_running);
    let progress = if swap.overlap { Progress::Quiet } else { Progress::Told };
    pass(ctx, &[at_gate], &BTreeMap::new(), progress).await
}

fn after_switch(
    replacement: &Replacement<'_>,
    service: &Service,
    id: &str,
    was_running: bool,
) -> Subject {
    let mut subject =
        subject(replacement.model, service, id, replacement.wait_timeout, replacement.rollback);
    // What ran for good before and ends now has failed, whatever its exit code.
    if was_running && subject.expect == Expect::Either {
        subject.expect = Expect::Live;
    }
    subject
}

async fn retire<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    old: Option<&OldContainer>,
) -> EngineResult<()> {
    match old {
        Some(old) => ctx.engine.stop(&old.id).await,
        None => Ok(()),
    }
}

/// Lets the old containers be live again, then the new ones go.
pub(crate) async fn undo<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    run: &str,
    swaps: &[Swap],
) -> Result<(), String> {
    let results = join_all(swaps.iter().map(|swap| undo_swap(ctx, run, swap))).await;
    let problems: Vec<String> = results.into_iter().filter_map(Result::err).collect();
    if problems.is_empty() { Ok(()) } else { Err(problems.join("; ")) }
}

async fn undo_swap<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    run: &str,
    swap: &Swap,
) -> Result<(), String> {
    let text = |error: crate::ports::EngineError| error.to_string();
    let mut new = None;
    if let Some(created) = &swap.new {
        new = ctx.engine.container(&created.id).await.map_err(text)?;
    }
    if !swap.overlap {
        if let Some(found) = &new {
            ctx.engine.stop(&found.id).await.map_err(text)?;
        }
        if let Some(old) = swap.old.as_ref().filter(|old| old.running) {
            // At once: nobody serves now. Whether it worked is asked below, when its name is its own again.
            let _ = ctx.engine.start(&old.id).await;
        }
    }
    if let (Some(found), Some(created)) = (&new, &swap.new) {
        let hidden = format!("{}{}", created.name, Created::suffix(run, false));
        rename(ctx, &found.id, &hidden).await.map_err(text)?;
    }
    if let Some(old) = &swap.old {
        bring_back(ctx, old).await?;
        let activity = Activity::Restored;
        ctx.reporter.report(&Event::Service { service: swap.service.clone(), activity });
    }
    if let (Some(found), true) = (&new, swap.overlap) {
        ctx.engine.stop(&found.id).await.map_err(text)?;
    }
    Ok(())
}

async fn bring_back<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    old: &OldContainer,
) -> Result<(), String> {
    let text = |error: crate::ports::EngineError| error.to_string();
    let Some(found) = ctx.engine.container(&old.id).await.map_err(text)? else {
        return Err(format!(
            "container {} ({}) is gone",
            old.name,
            &old.id[..old.id.len().min(12)]
        ));
    };
    rename(ctx, &old.id, &old.name).await.map_err(text)?;
    for (network, aliases) in &old.aliases {
        if found.networks.get(network) != Some(aliases) {
            ctx.engine.set_aliases(&old.id, network, aliases).await.map_err(text)?;
        }
    }
    if !old.running {
        return Ok(());
    }
    ctx.engine.start(&old.id).await.map_err(text)?;
    let found = ctx.engine.container(&old.id).await.map_err(text)?;
    match found.map(|container| container.state.status) {
        Some(Status::Running | Status::Restarting) => Ok(()),
        _ => Err(format!("container {} was started again and does not run", old.name)),
    }
}

/// Starts containers that belong to the release and do not run.
pub(crate) async fn start<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    model: &Model,
    containers: &[Container],
    wait_timeout: Option<Duration>,
) -> Result<(), Failure> {
    for container in containers {
        let failed = |error| start_failure(&container.service, &error);
        ctx.engine.start(&container.id).await.map_err(failed)?;
        if let Some(service) = model.services.get(&container.service) {
            let mut at_gate = subject(model, service, &container.id, wait_timeout, false);
            at_gate.restarts = container.state.restarts;
            pass(ctx, &[at_gate], &BTreeMap::new(), Progress::Told).await?;
        }
    }
    Ok(())
}

/// Stops containers that were started.
pub(crate) async fn undo_start<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    containers: &[String],
) -> Result<(), String> {
    let stops = join_all(containers.iter().map(|id| ctx.engine.stop(id))).await;
    let problems: Vec<String> =
        stops.into_iter().filter_map(Result::err).map(|error| error.to_string()).collect();
    if problems.is_empty() { Ok(()) } else { Err(problems.join("; ")) }
}
