//! Picking up what a run left behind that was killed or got stuck: back before the commit, forward after it.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::FutureExt;

use super::finish::finish;
use super::late;
use super::report::RunReport;
use super::{claim, strays, warm};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::event::{Cause, Event, Failure, Note, Outcome};
use crate::layout::Layout;
use crate::lock::Guard;
use crate::release::{check_premises, read_release, runs};
use crate::run::Run;
use crate::run_record;
use crate::stack::StackRef;
use crate::state::{find, point, settle, unfold};
use crate::steps::{keep_up, serving, storing};

/// Recovers the stack. Returns how each interrupted run ended; none where there was none.
///
/// # Errors
/// [`Error::Locked`], a damaged journal, or an engine that does not answer.
pub async fn run(ctx: &Context, stack: &StackRef) -> Result<Vec<RunReport>> {
    let layout = find(ctx, stack).await?.layout;
    let found = ctx.store.metadata(layout.root());
    let is_there = found.map_err(|error| Error::io("reading", layout.root(), error))?.is_some();
    // Without a record, the engine may have something to tell.
    if !is_there && strays::find(ctx, &layout).await?.is_empty() {
        return claim::holding(ctx, &layout, async { Ok(Vec::new()) }.boxed()).await;
    }
    ctx.engine.info().await?;
    let (_guard, layout) = lock(ctx, &layout)?;
    let work = async {
        let reports = all(ctx, &layout).await?;
        if reports.iter().all(|report| report.outcome != Outcome::Stuck) {
            // What a run could not store.
            let kept = storing::kept_at_rest(&layout, &*ctx.store)?;
            storing::store(ctx, &layout, &kept).await?;
        }
        Ok(reports)
    };
    claim::holding(ctx, &layout, work.boxed()).await
}

/// Recovers all that runs have left, those with a journal here and those without, under locks that are held already.
pub(crate) async fn all(ctx: &Context, layout: &Layout) -> Result<Vec<RunReport>> {
    let mut reports = interrupted(ctx, layout).await?;
    if reports.iter().all(|report| report.outcome != Outcome::Stuck) {
        warm::sweep(ctx, layout).await;
    }
    reports.extend(strays::clear(ctx, layout).await?);
    Ok(reports)
}

/// Takes the stack's lock. A real `.backup` folder is moved to the state first, and `.backup` leads there. Returns where what is
/// kept is then.
pub(crate) fn lock(ctx: &Context, layout: &Layout) -> Result<(Guard, Layout)> {
    check_premises(layout, &*ctx.store)?;
    let layout = settle(ctx, layout)?;
    check_premises(&layout, &*ctx.store)?;
    ctx.store
        .create_dir(layout.root())
        .map_err(|error| Error::io("creating", layout.root(), error))?;
    let holder = ctx.holder();
    let guard = ctx.locks.acquire(&layout.lock(), &holder)?;
    unfold(&layout, &*ctx.store)?;
    point(&layout, &ctx.state, &*ctx.store);
    Ok((guard, layout))
}

/// Recovers the runs that have a journal here, oldest run first.
async fn interrupted(ctx: &Context, layout: &Layout) -> Result<Vec<RunReport>> {
    if let Some(lost) = run_record::lost(layout, &*ctx.store)?.into_iter().next() {
        return Err(lost);
    }
    let mut reports = Vec::new();
    let (mut over, mut open) = (BTreeMap::new(), BTreeSet::new());
    for name in runs(layout, &*ctx.store)? {
        let Some(mut run) = Run::resume(ctx, layout.clone(), &name)? else {
            // Not even its first record was complete, so that it did nothing.
            let path = layout.journal(&name);
            ctx.store.remove_file(&path).map_err(|error| Error::io("removing", &path, error))?;
            continue;
        };
        if run.state.is_open() {
            let outcome = pick_up(&mut run).await?;
            let note = Note::Recovered { run: name.clone(), outcome };
            ctx.reporter.report(&Event::Note { note });
            reports.push(RunReport::new(&run.state, outcome));
        }
        if run.is_over() {
            over.insert(name, run.state.project);
        } else {
            open.insert(name);
        }
    }
    late::sweep(ctx, &over).await?;
    sweep(ctx, layout, &open)?;
    Ok(reports)
}

async fn pick_up(run: &mut Run<'_>) -> Result<Outcome> {
    if run.is_committed() {
        keep_up::forward(run).await?;
        finish(run, false).await?;
        return Ok(Outcome::Deployed);
    }
    late::wait(run).await?;
    let outcome = run.unwind(Failure::new(Cause::Crashed)).await;
    if outcome == Outcome::RolledBack {
        let store = &*run.ctx.store;
        let release = read_release(&run.layout.current(), store).ok().flatten();
        let model = release.and_then(|release| release.parsed_model(store));
        serving::tell(run.ctx, serving::after_undo(run, model.as_ref()).await);
    }
    Ok(outcome)
}

/// Removes what a crash between a run's last record and the removal left behind: all but the journals, and what runs that are
/// open need.
fn sweep(ctx: &Context, layout: &Layout, open: &BTreeSet<String>) -> Result<()> {
    let folder = layout.journals();
    let names = ctx.store.list(&folder).map_err(|error| Error::io("reading", &folder, error))?;
    for name in names {
        let path = folder.join(&name);
        let removed = if name.ends_with(".tmp") {
            ctx.store.remove_file(&path)
        } else if name.ends_with(".jsonl") || path == layout.warm() || open.contains(&name) {
            Ok(())
        } else {
            ctx.store.remove_dir(&path)
        };
        removed.map_err(|error| Error::io("removing", &path, error))?;
    }
    Ok(())
}
