//! Picking up what a run left behind that was killed or got stuck: back before the commit, forward after it.

use std::collections::BTreeMap;

use super::finish::finish;
use super::late;
use super::report::RunReport;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::event::{Cause, Event, Failure, Note, Outcome};
use crate::executor::{Run, timestamp};
use crate::layout::Layout;
use crate::lock::{Guard, Holder};
use crate::ports::{Clock, Engine, Store};
use crate::release::{check_premises, runs};
use crate::run_record;
use crate::stack::StackRef;
use crate::steps::running;

/// Recovers the stack. Returns how each interrupted run ended; none where there was none.
///
/// # Errors
/// [`Error::Locked`], a damaged journal, or an engine that does not answer.
pub async fn run<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    stack: &StackRef,
) -> Result<Vec<RunReport>> {
    let layout = Layout::new(&stack.directory);
    if ctx
        .store
        .metadata(layout.root())
        .map_err(|error| Error::io("reading", layout.root(), error))?
        .is_none()
    {
        return Ok(Vec::new());
    }
    ctx.engine.info().await?;
    let _guard = lock(ctx, &layout)?;
    interrupted(ctx, &layout).await
}

/// Takes the stack's lock.
pub(crate) fn lock<E: Engine, C: Clock>(ctx: &Context<'_, E, C>, layout: &Layout) -> Result<Guard> {
    check_premises(layout, &*ctx.store)?;
    ctx.store
        .create_dir(layout.root())
        .map_err(|error| Error::io("creating", layout.root(), error))?;
    ctx.locks.acquire(&layout.lock(), &Holder::this_process(&ctx.command, timestamp(ctx)))
}

/// The runs that were interrupted, and one that is on its way, oldest first. Only looks.
pub(crate) fn open_runs(layout: &Layout, store: &dyn Store) -> Result<Vec<String>> {
    let mut open = Vec::new();
    for run in runs(layout, store)? {
        if !matches!(run_record::read(layout, &run, store)?, Some(state) if !state.is_open()) {
            open.push(run);
        }
    }
    Ok(open)
}

/// Recovers under a lock that is held already, oldest run first.
pub(crate) async fn interrupted<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    layout: &Layout,
) -> Result<Vec<RunReport>> {
    if let Some(lost) = run_record::lost(layout, &*ctx.store)?.into_iter().next() {
        return Err(lost);
    }
    let mut reports = Vec::new();
    let mut ended = BTreeMap::new();
    for name in runs(layout, &*ctx.store)? {
        let path = layout.journal(&name);
        let Some(mut run) = Run::resume(ctx, layout.clone(), &name)? else {
            // Not even its first record was complete, so that it did nothing.
            ctx.store.remove_file(&path).map_err(|error| Error::io("removing", &path, error))?;
            continue;
        };
        if !run.state.is_open() {
            ended.insert(name, run.state.project);
            continue;
        }
        let outcome = if run.is_committed() {
            running::forward(&run).await?;
            finish(&mut run).await?;
            Outcome::Deployed
        } else {
            late::wait(&run).await?;
            run.unwind(Failure::new(Cause::Crashed)).await
        };
        ctx.reporter.report(&Event::Note { note: Note::Recovered { run: name, outcome } });
        reports.push(RunReport::new(&run.state, outcome));
    }
    late::sweep(ctx, &ended).await?;
    sweep(ctx, layout)?;
    Ok(reports)
}

/// Removes folders of runs that are over, which a crash between their last record and the removal left behind.
fn sweep<E: Engine, C: Clock>(ctx: &Context<'_, E, C>, layout: &Layout) -> Result<()> {
    let folder = layout.journals();
    let names = ctx.store.list(&folder).map_err(|error| Error::io("reading", &folder, error))?;
    if names.iter().all(|name| name.ends_with(".jsonl")) {
        return Ok(());
    }
    let open: Vec<String> = runs(layout, &*ctx.store)?
        .into_iter()
        .filter(|name| {
            let state = Run::resume(ctx, layout.clone(), name);
            !matches!(state, Ok(Some(run)) if !run.state.is_open())
        })
        .collect();
    for name in names {
        let path = folder.join(&name);
        let removed = if name.ends_with(".tmp") {
            ctx.store.remove_file(&path)
        } else if !name.ends_with(".jsonl") && !open.contains(&name) {
            ctx.store.remove_dir(&path)
        } else {
            Ok(())
        };
        removed.map_err(|error| Error::io("removing", &path, error))?;
    }
    Ok(())
}
