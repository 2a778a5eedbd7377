//! `data save`: a run that saves the declared data of what runs, and replaces no container. Those who stand still for it go on.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use crate::context::Context;
use crate::data::place;
use crate::engine::{Container, Health, State, Status};
use crate::error::{Error, Result};
use crate::event::{Cause, Event, Failure, Phase, RunKind};
use crate::gate::{Progress, pass, subject};
use crate::hooks::RunHooks;
use crate::layout::Layout;
use crate::observed::{Observed, Orphans, Snapshot, observe};
use crate::ops::afresh::afresh;
use crate::ops::beginning::Beginning;
use crate::ops::conduct::{Stop, Target, conduct, phase};
use crate::ops::recorded::{Keeping, save as keep};
use crate::ops::report::RunReport;
use crate::ops::{gateway, preflight, renamed, room};
use crate::plan::Undo;
use crate::release::{Catalog, check_premises, write_release};
use crate::run::Run;
use crate::run_record;
use crate::stack::{Model, StackRef, Way};
use crate::steps::verify;

/// Saves it, into a backup of its own.
///
/// # Errors
/// Whatever keeps the run from beginning: [`Error::NothingToSave`] where no data is declared, or nothing runs. Nothing has been changed
/// then. What fails later is in the report.
pub async fn save(ctx: &Context, stack: &StackRef) -> Result<RunReport> {
    ctx.engine.info().await?;
    let stack = &match afresh(ctx, stack).await? {
        Ok(stack) => stack,
        Err(stuck) => return Ok(stuck),
    };
    let layout = renamed::place(ctx, stack).await?;
    // Before the lock makes a folder: a stack without backups stays without one.
    check_premises(&layout, &*ctx.store)?;
    let mut target = Alone { stack, model: None };
    if !run_record::may_be_open(&layout, &*ctx.store)? {
        target.look(ctx, &layout).await?;
    }
    conduct(ctx, &layout, &mut target, None).await
}

/// A run that saves data.
struct Alone<'a> {
    stack: &'a StackRef,
    /// The model that says what data there is.
    model: Option<Model>,
}

impl Alone<'_> {
    /// Finds everything that can keep the run from beginning.
    async fn look(&mut self, ctx: &Context, layout: &Layout) -> Result<(Catalog, Observed)> {
        let catalog = Catalog::read(layout, &*ctx.store)?;
        // The files say what is saved, as for a deployment: what has just been declared need not be deployed for that.
        let readable = gateway::readable(self.stack, &*ctx.store)?;
        let (model, rendered) = preflight::model(ctx, &readable).await?;
        if model.data.is_empty() {
            return Err(Error::NothingToSave { declared: false });
        }
        let observed =
            observe(ctx, self.stack, &model, &rendered, &catalog, Orphans::Leave).await?;
        if observed.snapshot.is_none() || !has_any(ctx, &model, &observed.live).await? {
            return Err(Error::NothingToSave { declared: true });
        }
        preflight::vault(ctx, layout, &observed)?;
        let coming = room::Coming { built: Vec::new(), others: Vec::new() };
        room::check(ctx, layout, &observed, &coming).await?;
        room::data(ctx, layout, &model, &catalog).await?;
        self.model = Some(model);
        Ok((catalog, observed))
    }
}

#[async_trait]
impl Target for Alone<'_> {
    fn kind(&self) -> RunKind {
        RunKind::DataSave
    }

    fn model(&self) -> Option<&Model> {
        self.model.as_ref()
    }

    async fn begin(&mut self, ctx: &Context, layout: &Layout, _: bool) -> Result<Beginning> {
        let (catalog, observed) = self.look(ctx, layout).await?;
        let project = self.model.as_ref().map(|model| model.project.clone()).unwrap_or_default();
        let observed = Some(observed);
        Ok(Beginning { project, target: None, catalog, observed, flaw: None })
    }

    async fn settle(&mut self, _: &mut Run<'_>, _: &mut Beginning) -> Result<(), Stop> {
        Ok(())
    }

    async fn carry_out(
        &mut self,
        run: &mut Run<'_>,
        catalog: &Catalog,
        observed: &Observed,
    ) -> Result<(), Failure> {
        let (Some(model), Some(snapshot)) = (&self.model, &observed.snapshot) else {
            return Err(Failure::from(&Error::NothingToSave { declared: true }));
        };
        let ctx = run.ctx;
        phase(ctx, Phase::Backup);
        let data = Keeping { model, wanted: true, later: BTreeSet::new() };
        keep(run, catalog, observed, None, &[], data).await?;
        go_on(run, model, observed).await?;
        record(run, snapshot)?;
        run.commit(&snapshot.release.id)
    }

    /// The release stays.
    fn hooks(&self, _: &Catalog, _: &Observed) -> RunHooks {
        RunHooks::default()
    }
}

/// Whether there is anything yet that has any of the data.
async fn has_any(ctx: &Context, model: &Model, live: &[Container]) -> Result<bool> {
    for set in model.data.values() {
        let is_there = match &set.way {
            Way::Dump(dump) => live.iter().any(|found| found.service == dump.service),
            Way::Copy(copy) => place(ctx, model, copy, live).await?.is_some(),
        };
        if is_there {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Waits for those that stood still, and reads back that all runs as before.
async fn go_on(run: &Run<'_>, model: &Model, observed: &Observed) -> Result<(), Failure> {
    let ctx = run.ctx;
    let stood = run.state.steps.iter().filter_map(|record| match &record.undo {
        Undo::SaveData { stopped, .. } => Some(stopped),
        _ => None,
    });
    let stood: BTreeSet<&String> = stood.flatten().collect();
    // What was not well before need not be afterwards.
    let was_well = |container: &&Container| {
        let State { status, health, .. } = &container.state;
        *status == Status::Running && *health != Some(Health::Unhealthy)
    };
    let again = observed.live.iter().filter(|container| stood.contains(&container.id));
    let subjects = again.filter(was_well).filter_map(|container| {
        let service = model.services.get(&container.service)?;
        Some(subject(model, service, &container.id, None, false))
    });
    let subjects: Vec<_> = subjects.collect();
    phase(ctx, Phase::Verify);
    if !subjects.is_empty() {
        pass(ctx, &subjects, &BTreeMap::new(), Progress::Told).await?;
    }
    let (project, id) = (&run.state.project, &run.state.run);
    match verify::restored(ctx, project, id, &observed.live).await {
        Ok((services, unwell)) => ctx.reporter.report(&Event::Verified { services, unwell }),
        Err(differences) => return Err(Failure::new(Cause::Mismatch { differences })),
    }
    Ok(())
}

/// What runs is on record as it was found.
fn record(run: &Run<'_>, snapshot: &Snapshot) -> Result<()> {
    let Snapshot { release, files, containers, model } = snapshot;
    let (place, store) = (run.layout.next(&run.state.run), &*run.ctx.store);
    write_release(&place, release.clone(), files, containers, model, None, store).map(drop)
}
