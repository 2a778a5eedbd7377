//! One run for each project of an engine, whoever starts it: beside the lock of this state, a mark on the engine itself, which
//! those see who come from another machine or another state.

use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::BoxFuture;

use super::strays;
use crate::context::Context;
use crate::engine::{Claim, EngineError};
use crate::error::{Error, Result};
use crate::event::{Event, Note};
use crate::layout::Layout;
use crate::naming::claim_name;

/// How often a mark is taken away that nobody holds any more, before somebody else is taken to be faster.
const TRIES: usize = 3;

/// A mark that is held.
struct Claimed {
    project: String,
    claim: Claim,
    /// Whether a run had left one that was killed.
    was_left: bool,
}

/// Does this work while the mark is there. Where a killed run had left one, what it may have moved is pointed back first.
///
/// # Errors
/// [`Error::Locked`] and [`Error::Claimed`] with whoever works on the project, and those of the work.
pub(crate) async fn holding<T: Send>(
    ctx: &Context,
    layout: &Layout,
    work: BoxFuture<'_, Result<T>>,
) -> Result<T> {
    to_the_end(ctx, layout, work).await.0
}

/// The same. With the end of the work comes why the mark could not be taken away; that is told, and the next run on this machine
/// does it.
pub(crate) async fn to_the_end<T: Send>(
    ctx: &Context,
    layout: &Layout,
    work: BoxFuture<'_, Result<T>>,
) -> (Result<T>, Option<EngineError>) {
    let claimed = match take(ctx, layout).await {
        Ok(claimed) => claimed,
        Err(error) => return (Err(error), None),
    };
    let ended = async {
        if claimed.was_left {
            strays::point_back(ctx, layout).await?;
        }
        work.await
    };
    let ended = ended.await;
    let lost = ctx.engine.release(&claimed.project, &claimed.claim).await.err();
    if let Some(error) = &lost {
        let note = Note::CleanupFailed { message: error.to_string() };
        ctx.reporter.report(&Event::Note { note });
    }
    (ended, lost)
}

/// Puts the mark there. One of a run that is over, or was killed, on this machine is taken away.
async fn take(ctx: &Context, layout: &Layout) -> Result<Claimed> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let project = layout.owner().map(|(_, project)| project.to_owned()).unwrap_or_default();
    let holder = ctx.holder();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let now = ctx.clock.now().timestamp().as_nanosecond();
    let token = format!("{}-{}-{now}-{count}", holder.host, holder.pid);
    let claim = Claim { token, holder, lock: layout.lock() };
    let mut was_left = false;
    for _ in 0..TRIES {
        let Some(other) = ctx.engine.claim(&project, &claim).await? else {
            return Ok(Claimed { project, claim, was_left });
        };
        if let Some(error) = held(ctx, &project, &other, &claim) {
            return Err(error);
        }
        ctx.engine.release(&project, &other).await?;
        was_left = true;
    }
    Err(Error::Locked(claim.holder))
}

/// Why a mark has to be respected; `None` where whoever put it there is gone.
fn held(ctx: &Context, project: &str, other: &Claim, own: &Claim) -> Option<Error> {
    if other.holder.host != own.holder.host {
        let mark = claim_name(project);
        return Some(Error::Claimed { holder: other.holder.clone(), mark });
    }
    match ctx.locks.holder(&other.lock) {
        Ok(None) => None,
        // It is held here, so that whoever had it has let go of it.
        Ok(Some(holder)) if holder.pid == own.holder.pid && other.lock == own.lock => None,
        Ok(Some(holder)) => Some(Error::Locked(holder)),
        Err(_) => Some(Error::Locked(other.holder.clone())),
    }
}
