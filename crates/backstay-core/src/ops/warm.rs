//! The end of the old containers that stayed up after a commit: by whoever comes next, or by whoever waits for it.

use std::path::Path;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;

use crate::context::Context;
use crate::engine::{Container, EngineResult};
use crate::error::Result;
use crate::event::{Event, Note};
use crate::layout::Layout;
use crate::naming::is_warm;
use crate::run_record;
use crate::stack::StackRef;
use crate::state::find;
use crate::warm::{Warm, forget};

/// How often it is looked whether a run is over that began before they were to end.
const LOOK: Duration = Duration::from_secs(1);

/// How long that is waited for. The next run ends them too.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Which old containers of a stack are still up; `None` where there are none, or their time is over.
///
/// # Errors
/// When the engine does not answer.
pub async fn read(ctx: &Context, stack: &StackRef) -> Result<Option<Warm>> {
    let layout = find(ctx, stack).await?.layout;
    Ok(now(ctx, &layout))
}

pub(crate) fn now(ctx: &Context, layout: &Layout) -> Option<Warm> {
    let now = ctx.clock.now().timestamp();
    Warm::read(layout, &*ctx.store).filter(|warm| warm.until().is_some_and(|until| now < until))
}

/// Waits until `until`, and ends then what is to end. While a run works on the project, or has been interrupted, nothing is
/// touched: it may lead to them. It takes no lock, so that it is in nobody's way: whoever begins later knows that their time is over.
///
/// # Errors
/// When the engine or the records can't be read.
pub async fn end_at(
    ctx: &Context,
    project: &str,
    directory: &Path,
    until: Timestamp,
) -> Result<()> {
    let layout = ctx.state.layout(&ctx.engine.id().await?, project, directory);
    let left = until.duration_since(ctx.clock.now().timestamp());
    // A clock that is set back meanwhile makes them stay no longer.
    ctx.clock.sleep(Duration::try_from(left).unwrap_or_default() + LOOK).await;
    let begin = ctx.clock.elapsed();
    while ctx.clock.elapsed() - begin < PATIENCE {
        let is_busy = ctx.locks.holder(&layout.lock())?.is_some()
            || run_record::may_be_open(&layout, &*ctx.store)?;
        if !is_busy {
            sweep(ctx, &layout).await;
            return Ok(());
        }
        ctx.clock.sleep(LOOK).await;
    }
    Ok(())
}

/// Ends those whose time is over, and those that are on no record. What can't be ended is left to whoever comes next.
pub(crate) async fn sweep(ctx: &Context, layout: &Layout) {
    if let Err(error) = end(ctx, layout).await {
        let note = Note::CleanupFailed { message: error.to_string() };
        ctx.reporter.report(&Event::Note { note });
    }
}

async fn end(ctx: &Context, layout: &Layout) -> Result<()> {
    let Some((_, project)) = layout.owner() else { return Ok(()) };
    let record = Warm::read(layout, &*ctx.store);
    let now = ctx.clock.now().timestamp();
    let all = ctx.engine.containers(project).await?;
    let stays = |found: &Container| record.as_ref().is_some_and(|warm| warm.keeps(&found.id, now));
    let due = all.iter().filter(|found| is_warm(&found.name) && !stays(found));
    let ended = join_all(due.map(|container| remove(ctx, container, false))).await;
    ended.into_iter().collect::<EngineResult<()>>()?;
    if !all.iter().any(|found| is_warm(&found.name) && stays(found)) {
        forget(layout, &*ctx.store)?;
    }
    Ok(())
}

/// Ends one as any container of its service ends. Its volumes stay, unless its anonymous ones are to go too.
pub(super) async fn remove(
    ctx: &Context,
    container: &Container,
    volumes: bool,
) -> EngineResult<()> {
    if ctx.engine.stop(&container.id).await.is_err() {
        // A hook that fails must not keep it up.
        ctx.engine.stop(&container.id).await?;
    }
    ctx.engine.remove(&container.id, volumes).await
}
