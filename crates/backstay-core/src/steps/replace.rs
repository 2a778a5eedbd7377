//! The switch: new containers take over from old ones, which are stopped and kept until the commit.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::TryFutureExt;
use futures_util::future::{join, join_all, try_join_all};
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::follow;
use super::rehearse::start_failure;
use crate::borrowing;
use crate::context::Context;
use crate::engine::{Container, Created, EngineErrorKind, EngineResult, Status};
use crate::event::{Activity, Event, Failure};
use crate::gate::{Expect, Progress, Subject, pass, subject};
use crate::naming::kept_name;
use crate::plan::Follower;
use crate::plan::{OldContainer, Swap};
use crate::stack::{Again, Model, Service};

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
    /// The rehearsals of the run, which end with the old containers.
    pub twins: &'a [Created],
    /// Services that nobody waits for: they are looked at when all have been started.
    pub unhurried: &'a BTreeSet<String>,
    /// Who has to look again where a service is that was replaced.
    pub followers: &'a [Follower],
    /// The live containers as they were when the run began.
    pub live: &'a [Container],
}

/// How many services are switched at a time: each one's own gap is short only where not all of them stop and start at once.
const SWITCHES: usize = 4;

/// Pairs the live containers of a service with its new ones, by their order.
pub(crate) fn pair(
    service: &str,
    live: &[Container],
    created: &[Created],
    how: Handover,
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
            overlap: how.overlap,
            late: how.late,
            address: how.address,
        })
        .collect()
}

/// How the containers of a service are exchanged.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Handover {
    /// Both run at once.
    pub overlap: bool,
    /// The new one is started only then.
    pub late: bool,
    /// The new one gets the old one's addresses.
    pub address: bool,
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
        lives_in: Vec::new(),
        lends_to: Vec::new(),
    }
}

/// Lets the new containers take over, each service in its own batches, services side by side.
pub(crate) async fn apply(ctx: &Context, replacement: &Replacement<'_>) -> Result<(), Failure> {
    let mut services: BTreeMap<&str, Vec<&Swap>> = BTreeMap::new();
    for swap in replacement.swaps {
        services.entry(&swap.service).or_default().push(swap);
    }
    let moved = if replacement.trades_ports {
        // A port is free only when all who had one of theirs have let go.
        let mut stops = Vec::new();
        for old in
            replacement.swaps.iter().filter(|swap| !swap.overlap).filter_map(|s| s.old.as_ref())
        {
            stops.push(ctx.engine.stop(&old.id));
        }
        try_join_all(stops).await?;
        let mut moved = BTreeSet::new();
        for name in replacement.model.order().unwrap_or_default().concat() {
            if let Some(swaps) = services.remove(name.as_str())
                && service(ctx, replacement, &name, swaps).await?
            {
                moved.insert(name);
            }
        }
        moved
    } else {
        let mut switches = Vec::new();
        for (name, swaps) in services {
            switches
                .push(service(ctx, replacement, name, swaps).map_ok(move |moved| (name, moved)));
        }
        let switched: Vec<(&str, bool)> =
            stream::iter(switches).buffer_unordered(SWITCHES).try_collect().await?;
        switched.into_iter().filter(|(_, moved)| *moved).map(|(name, _)| name.to_owned()).collect()
    };
    start_followers_anew(ctx, replacement, &moved).await
}

/// Those that can look again only by being started anew do so once, when all that they follow has been switched.
async fn start_followers_anew(
    ctx: &Context,
    replacement: &Replacement<'_>,
    moved: &BTreeSet<String>,
) -> Result<(), Failure> {
    let switched: BTreeSet<&str> =
        replacement.swaps.iter().map(|swap| swap.service.as_str()).collect();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    let due = switched
        .iter()
        .flat_map(|of| follow::due(replacement.followers, of, moved.contains(*of)))
        .filter(|follower| follower.how == Again::Restart);
    for follower in due {
        if !done.insert(&follower.service) {
            continue;
        }
        let ids = follow::again(ctx, follower, replacement.live, true).await?;
        let Some(service) = replacement.model.services.get(&follower.service) else { continue };
        let subjects: Vec<Subject> =
            ids.iter().map(|id| after_switch(replacement, service, id, true)).collect();
        pass(ctx, &subjects, &BTreeMap::new(), Progress::Quiet).await?;
    }
    Ok(())
}

/// Switches a service. Returns whether a container of it has another address than the one that it replaced.
async fn service(
    ctx: &Context,
    replacement: &Replacement<'_>,
    name: &str,
    swaps: Vec<&Swap>,
) -> Result<bool, Failure> {
    let tell =
        |activity| ctx.reporter.report(&Event::Service { service: name.to_owned(), activity });
    let Some(model) = replacement.model.services.get(name) else {
        tell(Activity::Removing);
        try_join_all(swaps.into_iter().map(async |swap| {
            switch(ctx, replacement, None, swap).await?;
            end(ctx, replacement, swap).await
        }))
        .await?;
        return Ok(false);
    };
    let config = model.rollout(replacement.rollback);
    let parallelism =
        config.parallelism.map_or(1, |n| if n == 0 { swaps.len() } else { n as usize });
    let delay = config.delay.unwrap_or_default();
    let mut moved = false;
    for (index, batch) in swaps.chunks(parallelism.max(1)).enumerate() {
        if index > 0 && !delay.is_zero() {
            ctx.clock.sleep(delay).await;
        }
        tell(Activity::Switching);
        try_join_all(batch.iter().map(|swap| switch(ctx, replacement, Some(model), swap))).await?;
        let others = has_moved(ctx, replacement, batch).await?;
        moved |= others;
        if others && batch.iter().any(|swap| swap.overlap && swap.old.is_some()) {
            // While the old ones still answer. It is told when it is over.
            look_again(ctx, replacement, name, others, false).await?;
        }
        try_join_all(batch.iter().map(|swap| end(ctx, replacement, swap))).await?;
        look_again(ctx, replacement, name, others, true).await?;
    }
    if !replacement.unhurried.contains(name) {
        tell(Activity::Live);
    }
    Ok(moved)
}

/// Lets those look again that need no new start for it.
async fn look_again(
    ctx: &Context,
    replacement: &Replacement<'_>,
    name: &str,
    moved: bool,
    told: bool,
) -> Result<(), Failure> {
    let due = follow::due(replacement.followers, name, moved);
    for follower in due.filter(|follower| follower.how != Again::Restart) {
        follow::again(ctx, follower, replacement.live, told).await?;
    }
    Ok(())
}

async fn has_moved(
    ctx: &Context,
    replacement: &Replacement<'_>,
    batch: &[&Swap],
) -> Result<bool, Failure> {
    for swap in batch {
        let (Some(old), Some(new)) = (&swap.old, &swap.new) else { continue };
        if !replacement.followers.iter().any(|follower| follower.of == swap.service) {
            continue;
        }
        let before = replacement.live.iter().find(|container| container.id == old.id);
        let refuse = |error| Failure::from(error).at(&swap.service);
        let after = ctx.engine.container(&new.id).await.map_err(refuse)?;
        if before.map(|found| &found.addresses) != after.as_ref().map(|found| &found.addresses) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Lets the new container be live. One that overlaps leaves the old one running.
async fn switch(
    ctx: &Context,
    replacement: &Replacement<'_>,
    model: Option<&Service>,
    swap: &Swap,
) -> Result<(), Failure> {
    let refuse = |error| Failure::from(error).at(&swap.service);
    if let (true, Some(new)) = (swap.late, &swap.new) {
        end_twin(ctx, replacement, swap).await?;
        ctx.engine.start(&new.id).await.map_err(|error| start_failure(&new.service, &error))?;
        if let Some(service) = model {
            let was_running = swap.old.as_ref().is_some_and(|old| old.running);
            let mut at_gate = after_switch(replacement, service, &new.id, was_running);
            // So that a proxy that reads labels routes to it before the old one stops.
            at_gate.engine_healthy = at_gate.health;
            pass(ctx, &[at_gate], &BTreeMap::new(), Progress::Quiet).await?;
        }
    }
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
            if let (true, Some(old)) = (swap.address, &swap.old) {
                // The lowest address that is free is given to who joins next: the one that this gives back.
                ctx.engine.leave(&old.id, network).await.map_err(refuse)?;
            }
            ctx.engine.set_aliases(&new.id, network, aliases).await.map_err(refuse)?;
        }
    }
    if !swap.overlap {
        let (old, twin) =
            join(retire(ctx, swap.old.as_ref()), end_twin(ctx, replacement, swap)).await;
        old.map_err(refuse)?;
        twin?;
    }
    if let Some(new) = &swap.new {
        take_over(ctx, replacement, model, swap, new).await?;
    }
    Ok(())
}

/// What is not needed any more when the new container is live: the old one that overlapped, and the twin.
async fn end(ctx: &Context, replacement: &Replacement<'_>, swap: &Swap) -> Result<(), Failure> {
    let refuse = |error| Failure::from(error).at(&swap.service);
    if swap.overlap {
        retire(ctx, swap.old.as_ref()).await.map_err(refuse)?;
    }
    for twin in twins(replacement, swap) {
        ctx.engine.remove(&twin.id, true).await.map_err(refuse)?;
    }
    Ok(())
}

/// Renames a container. One that is being restarted by its policy can't be; then it is stopped first. Returns whether it was.
async fn rename(ctx: &Context, id: &str, name: &str) -> EngineResult<bool> {
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

/// A twin ends as any container of its service does.
async fn end_twin(
    ctx: &Context,
    replacement: &Replacement<'_>,
    swap: &Swap,
) -> Result<(), Failure> {
    let stops = twins(replacement, swap).map(|twin| ctx.engine.stop(&twin.id));
    try_join_all(stops).await.map_err(|error| Failure::from(error).at(&swap.service))?;
    Ok(())
}

fn twins<'a>(
    replacement: &'a Replacement<'_>,
    swap: &'a Swap,
) -> impl Iterator<Item = &'a Created> {
    let number = swap.new.as_ref().map(|new| new.number);
    replacement.twins.iter().filter(move |twin| {
        twin.rehearsal && twin.service == swap.service && Some(twin.number) == number
    })
}

async fn take_over(
    ctx: &Context,
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
    if replacement.unhurried.contains(&service.name) {
        return Ok(());
    }
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

async fn retire(ctx: &Context, old: Option<&OldContainer>) -> EngineResult<()> {
    match old {
        Some(old) => ctx.engine.stop(&old.id).await,
        None => Ok(()),
    }
}

/// Lets the old containers be live again, then the new ones go.
pub(crate) async fn undo(ctx: &Context, run: &str, swaps: &[Swap]) -> Result<(), String> {
    let results = join_all(swaps.iter().map(|swap| undo_swap(ctx, run, swap))).await;
    let problems: Vec<String> = results.into_iter().filter_map(Result::err).collect();
    if problems.is_empty() { Ok(()) } else { Err(problems.join("; ")) }
}

async fn undo_swap(ctx: &Context, run: &str, swap: &Swap) -> Result<(), String> {
    let text = |error: crate::engine::EngineError| error.to_string();
    let mut new = None;
    if let Some(created) = &swap.new {
        new = ctx.engine.container(&created.id).await.map_err(text)?;
    }
    if !swap.overlap {
        if let Some(found) = &new {
            stop(ctx, &found.id).await?;
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
    if let (Some(found), true) = (&new, swap.address) {
        // The old one's addresses have to be free when it comes back.
        for network in found.networks.keys() {
            ctx.engine.leave(&found.id, network).await.map_err(text)?;
        }
    }
    if let Some(old) = &swap.old {
        bring_back(ctx, old).await?;
        let activity = Activity::Restored;
        ctx.reporter.report(&Event::Service { service: swap.service.clone(), activity });
    }
    if let (Some(found), true) = (&new, swap.overlap) {
        stop(ctx, &found.id).await?;
    }
    Ok(())
}

/// Stops a container of a release that has failed: its hooks may have failed with it, and must not keep the old one out.
async fn stop(ctx: &Context, id: &str) -> Result<(), String> {
    match ctx.engine.stop(id).await {
        Err(error) if error.kind == EngineErrorKind::Hook => ctx.engine.stop(id).await,
        other => other,
    }
    .map_err(|error| error.to_string())
}

async fn bring_back(ctx: &Context, old: &OldContainer) -> Result<(), String> {
    let text = |error: crate::engine::EngineError| error.to_string();
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
    if !old.running || !borrowing::can_start(ctx, &old.lives_in).await? {
        return Ok(());
    }
    ctx.engine.start(&old.id).await.map_err(text)?;
    let found = ctx.engine.container(&old.id).await.map_err(text)?;
    match found {
        Some(found) if matches!(found.state.status, Status::Running | Status::Restarting) => {
            borrowing::follow(ctx, &found, &old.lends_to).await
        }
        _ => Err(format!("container {} was started again and does not run", old.name)),
    }
}

/// Starts containers that belong to the release and do not run.
pub(crate) async fn start(
    ctx: &Context,
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
pub(crate) async fn undo_start(ctx: &Context, containers: &[String]) -> Result<(), String> {
    let stops = join_all(containers.iter().map(|id| stop(ctx, id))).await;
    let problems: Vec<String> = stops.into_iter().filter_map(Result::err).collect();
    if problems.is_empty() { Ok(()) } else { Err(problems.join("; ")) }
}
