//! Replacing: new containers take over from old ones, which are stopped and kept until the commit.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;

use super::Made;
use super::rehearse::is_awaited;
use super::switch::{self, Replacement};
use super::transaction::Transaction;
use super::trouble::Trouble;
use super::warm;
use crate::borrowing;
use crate::context::Context;
use crate::engine::{Container, Created, EngineErrorKind, Status};
use crate::error::Result;
use crate::event::{Activity, Event, Failure, Note};
use crate::plan::{Action, Method, OldContainer, Plan, Step, Swap, Traffic, Undo};
use crate::run::Run;

impl Transaction<'_> {
    pub(super) async fn replace(
        &self,
        run: &mut Run<'_>,
        plan: &Plan,
        step: &Step,
        services: &[String],
        made: &Made,
    ) -> Result<(), Failure> {
        let (ctx, created) = (run.ctx, &made.created[..]);
        let mut swaps = self.all_swaps(ctx, plan, services, created).await?;
        self.lead_by(&mut swaps, plan, made.gateway.as_ref());
        let way_back = warm::way_back(&run.state).is_some();
        for swap in &mut swaps {
            swap.warm &= swap.routed.is_some() && way_back;
        }
        warm::stand_in(&mut swaps, &self.stand_ins);
        let id = run.state.run.clone();
        let replacement = Replacement {
            model: self.desired.model,
            run: &id,
            swaps: &swaps,
            wait_timeout: self.wait_timeout,
            rollback: self.manner.rollback,
            trades_ports: plan.trades_ports(&self.desired, &self.live, services),
            twins: created,
            unhurried: &self.unhurried(),
            followers: &plan.followers,
            live: &self.live,
        };
        let undo = Undo::Replace { swaps: swaps.clone() };
        run.step(step.clone(), undo, switch::apply(ctx, &replacement)).await
    }

    /// Takes note of the gateway that leads to the services, and of the holds that a step before has begun.
    pub(super) fn lead_by(&self, swaps: &mut [Swap], plan: &Plan, gateway: Option<&String>) {
        for swap in swaps {
            swap.routed = self.routed(&swap.service, plan, gateway);
            swap.held = swap.routed.is_some() && self.desired.still.contains(&swap.service);
        }
    }

    /// Old and new containers of these services, side by side.
    pub(super) async fn all_swaps(
        &self,
        ctx: &Context,
        plan: &Plan,
        services: &[String],
        created: &[Created],
    ) -> Result<Vec<Swap>, Failure> {
        let mut swaps: Vec<Swap> =
            services.iter().flat_map(|name| self.swaps(plan, name, created)).collect();
        let runs = |container: &&Container| container.state.status == Status::Running;
        let up: Vec<Container> = self.live.iter().filter(runs).cloned().collect();
        let homes = borrowing::homes(ctx, self.desired.model, &up).await?;
        borrowing::note(&mut swaps, &homes);
        Ok(swaps)
    }

    fn swaps(&self, plan: &Plan, service: &str, created: &[Created]) -> Vec<Swap> {
        let Some(change) = plan.change(service) else { return Vec::new() };
        let how = Manner {
            overlap: change.overlaps(),
            late: change.method == Method::RehearsedBeside,
            address: change.overlaps() && !change.keeps_address_for.is_empty(),
            retired: plan.retires(service),
            warm: change.warm.is_some(),
        };
        if let Action::Scale { to, .. } = change.action {
            // Those that stay are not part of the swap.
            let mut surplus: Vec<Container> = self
                .live
                .iter()
                .filter(|container| container.service == service)
                .cloned()
                .collect();
            surplus.sort_by_key(|container| container.number);
            let surplus = surplus.split_off(surplus.len().min(to as usize));
            return pair(service, &surplus, created, how);
        }
        pair(service, &self.live, created, how)
    }

    /// On a first deployment services are started in their order, and only those are waited for that others wait for.
    pub(super) fn unhurried(&self) -> BTreeSet<String> {
        if !self.live.is_empty() {
            return BTreeSet::new();
        }
        let model = self.desired.model;
        let all: Vec<&String> = model.services.keys().collect();
        let names = all.iter().filter(|name| !is_awaited(model, name, &all));
        names.map(|name| (*name).clone()).collect()
    }
}

/// Pairs the live containers of a service with its new ones, by their order.
fn pair(service: &str, live: &[Container], created: &[Created], how: Manner) -> Vec<Swap> {
    let mut old: Vec<&Container> =
        live.iter().filter(|container| container.service == service).collect();
    old.sort_by_key(|container| container.number);
    let mut new: Vec<&Created> =
        created.iter().filter(|new| new.service == service && !new.rehearsal).collect();
    new.sort_by_key(|new| new.number);
    let swap = |index: usize| {
        let (old, new) = (old.get(index).copied(), new.get(index).copied());
        Swap {
            service: service.to_owned(),
            old: old.map(old_container),
            new: new.map(Into::into),
            overlap: how.overlap,
            late: how.late,
            retired: how.retired,
            held: false,
            warm: how.warm && warm::can_stay(old, new),
            stand_ins: Vec::new(),
            routed: None,
            traffic: Traffic::Names {
                old: old.map(|old| old.networks.clone()).unwrap_or_default(),
                new: new.map(|new| new.aliases.clone()).unwrap_or_default(),
                address: how.address,
            },
        }
    };
    (0..old.len().max(new.len())).map(swap).collect()
}

/// How the containers of a service are exchanged.
#[derive(Debug, Clone, Copy, Default)]
struct Manner {
    /// Both run at once.
    overlap: bool,
    /// The new one is started only then.
    late: bool,
    /// The new one gets the old one's addresses.
    address: bool,
    /// The old one has been stopped by a step of its own.
    retired: bool,
    /// The old one stays up after the commit, where it can.
    warm: bool,
}

/// What bringing a live container back needs.
fn old_container(container: &Container) -> OldContainer {
    OldContainer {
        id: container.id.clone(),
        name: container.name.clone(),
        running: container.is_up(),
        lives_in: Vec::new(),
        lends_to: Vec::new(),
    }
}

/// Lets the old containers be live again, then the new ones go.
pub(super) async fn undo(ctx: &Context, run: &str, swaps: &[Swap]) -> Result<(), Trouble> {
    let results = join_all(swaps.iter().map(|swap| undo_swap(ctx, run, swap))).await;
    Trouble::of(results)
}

async fn undo_swap(ctx: &Context, run: &str, swap: &Swap) -> Result<(), Trouble> {
    let mut new = None;
    if let Some(created) = &swap.new {
        new = ctx.engine.container(&created.id).await?;
    }
    // Whoever comes waits, where that can be had: what counts is that the old one comes back.
    let _ = ctx.handover.hold(swap).await;
    if !swap.overlap {
        if let Some(found) = &new {
            stop(ctx, &found.id).await?;
        }
        if let Some(old) = swap.old.as_ref().filter(|old| old.running && !swap.retired) {
            // At once: nobody serves now. Whether it worked is asked below, when its name is its own again.
            let _ = ctx.engine.start(&old.id).await;
        }
    }
    ctx.handover.withdraw(run, swap).await?;
    if swap.retired {
        // It is started when what lies between has been undone.
        if !swap.held {
            let _ = ctx.handover.open(swap).await;
        }
        return Ok(());
    }
    let revived = revive(ctx, swap).await;
    if revived.is_ok() {
        listens(ctx, swap).await;
    }
    // A hold ends with this process at the latest.
    let _ = ctx.handover.open(swap).await;
    revived?;
    if let (Some(found), true) = (&new, swap.overlap) {
        stop(ctx, &found.id).await?;
    }
    Ok(())
}

/// Waits until an old container that a gateway leads to listens again, no longer than anybody is held for it.
pub(super) async fn listens(ctx: &Context, swap: &Swap) {
    let (Some(by), Some(old)) = (&swap.routed, swap.old.as_ref().filter(|old| old.running)) else {
        return;
    };
    let begin = ctx.clock.elapsed();
    while ctx.clock.elapsed() - begin < Duration::from_millis(by.hold_ms) {
        match ctx.engine.listening(&old.id).await {
            Ok(Some(ports)) if ports.is_empty() || by.ports.iter().any(|p| !ports.contains(p)) => {}
            // It does, or nobody can say.
            _ => return,
        }
        ctx.clock.sleep(Duration::from_millis(50)).await;
    }
}

/// Stops a container of a release that has failed: its hooks may have failed with it, and must not keep the old one out.
pub(super) async fn stop(ctx: &Context, id: &str) -> Result<(), Trouble> {
    match ctx.engine.stop(id).await {
        Err(error) if error.kind == EngineErrorKind::Hook => ctx.engine.stop(id).await,
        other => other,
    }
    .map_err(Trouble::from)
}

/// Lets an old container that ran run again. It has its names already.
pub(super) async fn revive(ctx: &Context, swap: &Swap) -> Result<(), Trouble> {
    let Some(old) = &swap.old else { return Ok(()) };
    if ctx.engine.container(&old.id).await?.is_none() {
        let id = &old.id[..old.id.len().min(12)];
        return Err(Trouble::new(format!("container {} ({id}) is gone", old.name)));
    }
    if old.running && borrowing::can_start(ctx, &old.lives_in).await? {
        ctx.engine.start(&old.id).await?;
        let found = ctx.engine.container(&old.id).await?;
        match found {
            Some(found) if matches!(found.state.status, Status::Running | Status::Restarting) => {
                borrowing::follow(ctx, &found, &old.lends_to).await?;
            }
            _ => {
                let why = format!("container {} was started again and does not run", old.name);
                return Err(Trouble::new(why));
            }
        }
    }
    let activity = Activity::Restored;
    ctx.reporter.report(&Event::Service { service: swap.service.clone(), activity });
    Ok(())
}

/// After the commit: old containers whose successors are there go, but for those that are kept up.
pub(super) async fn finish(run: &Run<'_>, swaps: &[Swap], kept: &BTreeSet<String>) -> Result<()> {
    let stays = |swap: &&Swap| swap.old.as_ref().is_some_and(|old| kept.contains(&old.id));
    for swap in swaps.iter().filter(|swap| !stays(swap)) {
        remove_old(run.ctx, swap).await?;
    }
    Ok(())
}

/// Removes an old container whose successor is there. Its volumes stay, the anonymous ones too: no data is ever removed.
async fn remove_old(ctx: &Context, swap: &Swap) -> Result<()> {
    let Some(old) = &swap.old else { return Ok(()) };
    if let Some(new) = &swap.new
        && ctx.engine.container(&new.id).await?.is_none()
    {
        // Somebody removed it meanwhile. Better one that is kept too long than none.
        let message = format!("container {} is gone; {} is kept", new.name, old.name);
        ctx.reporter.report(&Event::Note { note: Note::CleanupFailed { message } });
        return Ok(());
    }
    ctx.engine.remove(&old.id, false).await?;
    Ok(())
}

/// What a person does instead.
pub(super) fn by_hand(swaps: &[Swap]) -> Vec<String> {
    let mut commands = Vec::new();
    for swap in swaps {
        commands.extend(swap.new.as_ref().map(|new| format!("docker rm -f {}", new.id)));
        let Some(old) = &swap.old else { continue };
        commands.push(format!("docker rename {} {}", old.id, old.name));
        if old.running && !swap.retired {
            commands.push(format!("docker start {}", old.id));
        }
    }
    commands
}
