//! Stopping old containers for good, ahead of their replacement: what comes between has their data to itself, and so has its
//! undo. Where a gateway leads to those that stand still for their data, whoever comes waits from here until the commit: what a
//! run that fails has acknowledged to nobody, nobody can miss.

use futures_util::future::join_all;

use super::replace::{listens, revive};
use super::transaction::Transaction;
use super::trouble::Trouble;
use crate::context::Context;
use crate::event::Failure;
use crate::plan::{Plan, Step, Swap, Undo};
use crate::run::Run;

impl Transaction<'_> {
    pub(super) async fn retire(
        &self,
        run: &mut Run<'_>,
        plan: &Plan,
        services: &[String],
        gateway: Option<&String>,
    ) -> Result<(), Failure> {
        let mut swaps = self.all_swaps(run.ctx, plan, services, &[]).await?;
        self.lead_by(&mut swaps, plan, gateway);
        let (ctx, undo) = (run.ctx, Undo::Retire { swaps: swaps.clone() });
        let step = Step::Retire { services: services.to_vec() };
        run.step(step, undo, apply(ctx, &swaps)).await
    }
}

async fn apply(ctx: &Context, swaps: &[Swap]) -> Result<(), Failure> {
    for swap in swaps.iter().filter(|swap| swap.held) {
        let held = ctx.handover.hold(swap).await;
        held.map_err(|error| Failure::from(error).at(&swap.service))?;
    }
    for swap in swaps {
        if let Some(old) = &swap.old {
            let stopped = ctx.engine.stop(&old.id).await;
            stopped.map_err(|error| Failure::from(error).at(&swap.service))?;
        }
    }
    Ok(())
}

/// Starts them again.
pub(super) async fn undo(ctx: &Context, swaps: &[Swap]) -> Result<(), Trouble> {
    let results = join_all(swaps.iter().map(|swap| revive(ctx, swap))).await;
    for (swap, _) in swaps.iter().zip(&results).filter(|(swap, done)| swap.held && done.is_ok()) {
        listens(ctx, swap).await;
    }
    open(ctx, swaps).await;
    Trouble::of(results)
}

/// Those who wait go on.
pub(super) async fn open(ctx: &Context, swaps: &[Swap]) {
    for swap in swaps.iter().filter(|swap| swap.held) {
        // A hold ends with its process at the latest.
        let _ = ctx.handover.open(swap).await;
    }
}

/// What a person does instead.
pub(super) fn by_hand(swaps: &[Swap]) -> Vec<String> {
    let old = swaps.iter().filter_map(|swap| swap.old.as_ref()).filter(|old| old.running);
    old.map(|old| format!("docker start {}", old.id)).collect()
}
