//! The switch itself: service by service, in batches, what is new takes over from what is old.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::TryFutureExt;
use futures_util::future::{join, try_join_all};
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::follow;
use super::warm;
use crate::context::Context;
use crate::engine::{Container, Created, EngineResult};
use crate::event::{Activity, Event, Failure};
use crate::gate::start_failure;
use crate::gate::{Expect, Progress, Subject, pass, subject};
use crate::plan::{Follower, NewContainer, OldContainer, Swap};
use crate::stack::{Again, Model, Service};

/// What a switch works with.
pub(super) struct Replacement<'a> {
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

/// All that come, in percent.
const ALL: u8 = 100;

/// Lets the new containers take over, each service in its own batches, services side by side.
pub(super) async fn apply(ctx: &Context, replacement: &Replacement<'_>) -> Result<(), Failure> {
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
        if swap.changes_hands() {
            return Ok(true);
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
        ctx.engine.start(&new.id).await.map_err(|error| start_failure(&swap.service, &error))?;
        if let Some(service) = model {
            let was_running = swap.old.as_ref().is_some_and(|old| old.running);
            let mut at_gate = after_switch(replacement, service, &new.id, was_running);
            // So that a proxy that reads labels routes to it before the old one stops.
            at_gate.engine_healthy = at_gate.health;
            pass(ctx, &[at_gate], &BTreeMap::new(), Progress::Quiet).await?;
        }
    }
    // All that can be done before the old container stops is done before: what comes after is the gap.
    ctx.handover.offer(replacement.run, swap).await.map_err(refuse)?;
    if !swap.overlap {
        // Where others stand in, nobody has to wait.
        if swap.stand_ins.is_empty() {
            ctx.handover.hold(swap).await.map_err(refuse)?;
        }
        let (old, twin) =
            join(retire(ctx, swap.old.as_ref()), end_twin(ctx, replacement, swap)).await;
        old.map_err(refuse)?;
        twin?;
    }
    if let Some(new) = &swap.new {
        take_over(ctx, replacement, model, swap, new).await?;
    }
    ctx.handover.shift(replacement.run, swap, ALL).await.map_err(refuse)?;
    if !swap.held {
        ctx.handover.open(swap).await.map_err(refuse)?;
    }
    Ok(())
}

/// What is not needed any more when the new container is live: the old one that overlapped, and the twin.
async fn end(ctx: &Context, replacement: &Replacement<'_>, swap: &Swap) -> Result<(), Failure> {
    let refuse = |error| Failure::from(error).at(&swap.service);
    if swap.overlap {
        // What is under way goes on at one that stays up.
        if !warm::rests(ctx, swap).await.map_err(refuse)? {
            ctx.handover.drain(swap).await.map_err(refuse)?;
            retire(ctx, swap.old.as_ref()).await.map_err(refuse)?;
        }
    } else if !swap.stand_ins.is_empty() {
        ctx.handover.drain(swap).await.map_err(refuse)?;
    }
    for twin in twins(replacement, swap) {
        ctx.engine.remove(&twin.id, true).await.map_err(refuse)?;
    }
    Ok(())
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
    new: &NewContainer,
) -> Result<(), Failure> {
    // One that overlaps has been up since the rehearsal, or has run to its end, which is not to happen twice.
    if !swap.overlap {
        ctx.engine.start(&new.id).await.map_err(|error| start_failure(&swap.service, &error))?;
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
