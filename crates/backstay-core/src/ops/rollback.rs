//! `rollback`: back to a kept release. A run like any other.

use futures_util::future::join;

use super::afresh::afresh;
use super::basis::of_old;
use super::conduct::{conduct, phase};
use super::from_files::FromFiles;
use super::from_release::{self, FromRelease, look, old, target};
use super::{renamed, report::RunReport, warm};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::event::Phase;
use crate::plan::Plan;
use crate::release::Entry;
use crate::stack::StackRef;

pub use super::options::RollbackOptions;

/// A backup that the old scripts wrote has no data.
fn without_data(entry: &Entry, options: &RollbackOptions) -> Result<()> {
    if !options.with_data {
        return Ok(());
    }
    let missing = vec!["no data was saved with it".to_owned()];
    Err(Error::Incomplete { release: entry.folder.clone(), missing })
}

/// The plan of a rollback, without any effect.
///
/// # Errors
/// What a rollback would refuse to begin with.
pub async fn plan(ctx: &Context, stack: &StackRef, options: &RollbackOptions) -> Result<Plan> {
    ctx.engine.info().await?;
    let layout = renamed::place(ctx, stack).await?;
    let (catalog, _) = look(&layout, options, &*ctx.store)?;
    match old(&catalog, &layout, options)? {
        Some(entry) => {
            without_data(entry, options)?;
            let (basis, options) = of_old(ctx, stack, entry, options).await?;
            FromFiles::new(stack, &options, basis).plan(ctx, &layout).await
        }
        None => from_release::plan(ctx, stack, &layout, &catalog, options).await,
    }
}

/// Rolls back.
///
/// # Errors
/// Whatever keeps the run from beginning; nothing has been changed then. What fails later is in the report.
pub async fn run(ctx: &Context, stack: &StackRef, options: &RollbackOptions) -> Result<RunReport> {
    let place = renamed::place(ctx, stack).await;
    // What is wrong with engine or Compose is said first, unless somebody waits.
    let may_hurry = place.as_ref().is_ok_and(|layout| warm::now(ctx, layout).is_some());
    if !may_hurry {
        ctx.engine.info().await?;
    }
    let stack = &match afresh(ctx, stack).await? {
        Ok(stack) => stack,
        Err(stuck) => return Ok(stuck),
    };
    let layout = place?;
    // Before the lock makes a folder: a stack without backups stays without one.
    let (catalog, _) = look(&layout, options, &*ctx.store)?;
    if let Some(entry) = old(&catalog, &layout, options)? {
        without_data(entry, options)?;
        let (basis, options) = of_old(ctx, stack, entry, options).await?;
        phase(ctx, Phase::Check);
        return FromFiles::new(stack, &options, basis).run(ctx, &layout).await;
    }
    let chosen = target(&catalog, &layout, options, &*ctx.store)?;
    let up = from_release::warm(ctx, &layout, &catalog, &chosen);
    if may_hurry && up.is_none() {
        ctx.engine.info().await?;
    }
    let mut target = FromRelease::new(stack, options, up.is_some());
    let ahead = async {
        // The way to the gateway takes a moment: it is made while the rest begins.
        if let Some(up) = &up {
            let _ = ctx.engine.gateway_answers(&up.gateway).await;
        }
    };
    let run = conduct(ctx, &layout, &mut target, options.retention);
    join(ahead, run).await.1
}
