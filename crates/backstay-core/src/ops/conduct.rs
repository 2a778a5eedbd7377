//! The conduct of a run, whatever it leads to: locks, recovery, beginning, giving up, end.

use async_trait::async_trait;
use futures_util::FutureExt;

use super::beginning::Beginning;
use super::finish::{finish, retain};
use super::run_hooks::afterwards;
use super::{claim, outage, recover, report::RunReport, visitors, warm};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::event::{Event, Failure, Note, Outcome, Phase, RunKind};
use crate::hooks::RunHooks;
use crate::host_ports;
use crate::layout::Layout;
use crate::observed::Observed;
use crate::plan::{Step, Undo};
use crate::release::{Catalog, Retention};
use crate::run::Run;
use crate::run_record;
use crate::stack::{HookPoint, Model};
use crate::steps::{keep_up, serving, verify};

/// What a run leads to.
#[async_trait]
pub(crate) trait Target: Send {
    /// The kind of the run.
    fn kind(&self) -> RunKind;

    /// What is known of the stack before anything is looked at under the locks.
    fn model(&self) -> Option<&Model> {
        None
    }

    /// Whether somebody waits for its first step: then only what an interrupted run left is looked for before it. What else
    /// there may be to clear away is left to the end, and to the next run.
    fn hurries(&self) -> bool {
        false
    }

    /// Finds everything that can keep the run from beginning, under its locks. `is_as_found` says that nothing was changed since
    /// it was looked at without them.
    async fn begin(
        &mut self,
        ctx: &Context,
        layout: &Layout,
        is_as_found: bool,
    ) -> Result<Beginning>;

    /// What is left to find out by first steps: files that have to be in place before the stack can be read.
    async fn settle(&mut self, run: &mut Run<'_>, beginning: &mut Beginning) -> Result<(), Stop>;

    /// Takes the steps, up to the commit. `observed` is what was found to run.
    async fn carry_out(
        &mut self,
        run: &mut Run<'_>,
        catalog: &Catalog,
        observed: &Observed,
    ) -> Result<(), Failure>;

    /// The hooks of the run, once it is known what it leads to.
    fn hooks(&self, catalog: &Catalog, observed: &Observed) -> RunHooks;
}

/// Why a run ends before it has touched anything that runs.
pub(crate) enum Stop {
    /// It failed.
    Failed(Failure),
    /// It would not have begun.
    Refused(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// Conducts a run. What can be found out without a lock has been, so that what can't begin changes nothing.
pub(crate) async fn conduct(
    ctx: &Context,
    layout: &Layout,
    target: &mut dyn Target,
    retention: Option<Retention>,
) -> Result<RunReport> {
    let (_guard, layout) = recover::lock(ctx, layout)?;
    // Nothing is on record yet, and from here on the engine is asked to change something.
    let up = if target.hurries() { None } else { outage::look(ctx, &layout).await };
    let work = async {
        let report = held(ctx, &layout, target, retention).await?;
        Ok((report, outage::look(ctx, &layout).await))
    };
    let (ended, lost) = claim::to_the_end(ctx, &layout, work.boxed()).await;
    match (ended, up) {
        (Err(error), Some(up)) => up.keep(ctx, &layout, target.kind(), target.model(), error).await,
        (Err(error), None) => Err(error),
        (Ok((report, Some(up))), _) => {
            Ok(up.keep_behind(ctx, &layout, target.model(), report, lost.as_ref()).await)
        }
        (Ok((report, None)), _) => Ok(report),
    }
}

/// The run, under its locks.
async fn held(
    ctx: &Context,
    layout: &Layout,
    target: &mut dyn Target,
    retention: Option<Retention>,
) -> Result<RunReport> {
    let recovered = match target.hurries() && !run_record::may_be_open(layout, &*ctx.store)? {
        true => Vec::new(),
        false => recover::all(ctx, layout).await?,
    };
    // The recovery may have put files back.
    let is_as_found = recovered.is_empty();
    if let Some(stuck) = recovered.into_iter().find(|report| report.outcome == Outcome::Stuck) {
        return Ok(stuck);
    }
    let mut beginning = target.begin(ctx, layout, is_as_found).await?;
    let mut run = Run::begin(ctx, layout.clone(), beginning.first(ctx, layout, target.kind()))?;
    if let Some(flaw) = &beginning.flaw {
        note(ctx, Note::RecordDamaged { problem: flaw.to_string() });
    }
    let settled = target.settle(&mut run, &mut beginning).await;
    let observed = beginning.observed.as_ref();
    match (settled, observed) {
        (Ok(()), Some(observed)) => {
            let gateway = visitors::gateway(ctx, &run.state.project).await;
            let visitors = visitors::look(ctx, gateway.as_ref()).await;
            let taken = async {
                take_note(&mut run, observed, gateway).await?;
                target.carry_out(&mut run, &beginning.catalog, observed).await
            };
            let taken = taken.await;
            let hooks = target.hooks(&beginning.catalog, observed);
            let report = match taken {
                Err(failure) => {
                    let report = give_up(&mut run, failure, Some(observed)).await;
                    if report.outcome == Outcome::RolledBack {
                        afterwards(&run, &hooks, HookPoint::AfterRollback).await;
                    }
                    report
                }
                Ok(()) => {
                    let lost = end(&mut run, retention).await.err();
                    afterwards(&run, &hooks, HookPoint::AfterCommit).await;
                    if run.state.kind == RunKind::Rollback {
                        afterwards(&run, &hooks, HookPoint::AfterRollback).await;
                    }
                    match lost {
                        None => RunReport::new(&run.state, Outcome::Deployed),
                        // The new release is the stack's, but nobody can say that it runs.
                        Some(error) => RunReport::left_to_recovery(&mut run, Failure::from(&error)),
                    }
                }
            };
            if let Some(visitors) = visitors {
                visitors.tell(ctx).await;
            }
            Ok(report)
        }
        (Ok(()), None) => {
            refuse(&mut run, Error::Model("nothing was observed".to_owned()), None).await
        }
        (Err(Stop::Failed(failure)), observed) => Ok(give_up(&mut run, failure, observed).await),
        (Err(Stop::Refused(error)), observed) => refuse(&mut run, error, observed).await,
    }
}

/// All is as it was: it is as if the run had not begun.
async fn refuse(run: &mut Run<'_>, error: Error, observed: Option<&Observed>) -> Result<RunReport> {
    let report = give_up(run, Failure::from(&error), observed).await;
    if report.outcome == Outcome::RolledBack { Err(error) } else { Ok(report) }
}

/// Takes note of what runs, so that it runs when the run has ended.
async fn take_note(
    run: &mut Run<'_>,
    observed: &Observed,
    gateway: Option<String>,
) -> Result<(), Failure> {
    remember_hooks(run, observed);
    let mut containers = keep_up::containers(observed);
    containers.extend(gateway);
    if containers.is_empty() {
        return Ok(());
    }
    let undo = Undo::KeepUp { project: run.state.project.clone(), containers };
    run.step(Step::Observe, undo, async { Ok(()) }).await
}

/// Containers that Compose created do not carry their hooks.
fn remember_hooks(run: &Run<'_>, observed: &Observed) {
    let Some(model) = observed.model() else { return };
    for container in observed.live.iter().filter(|container| container.run.is_none()) {
        let service = model.services.get(&container.service);
        if let Some(service) = service.filter(|service| !service.hooks.is_empty()) {
            run.ctx.engine.remember_hooks(&container.id, &service.hooks);
        }
    }
}

/// Undoes the run and reads back that what ran before runs again.
async fn give_up(run: &mut Run<'_>, failure: Failure, observed: Option<&Observed>) -> RunReport {
    if run.is_in_doubt() {
        // The disk may have taken the commit before it refused: both releases run, and neither may go.
        return RunReport::left_to_recovery(run, failure);
    }
    let outcome = run.unwind(failure).await;
    let mut report = RunReport::new(&run.state, outcome);
    if let (Outcome::RolledBack, Some(observed)) = (outcome, observed) {
        let mut late = serving::after_undo(run, observed.model().as_ref()).await;
        match verify::restored(run.ctx, &run.state.project, &run.state.run, &observed.live).await {
            Ok((mut services, unwell)) => {
                services.retain(|service, _| !late.iter().any(|found| &found.service == service));
                late.retain(|found| !unwell.iter().any(|other| other.service == found.service));
                serving::tell(run.ctx, late);
                run.ctx.reporter.report(&Event::Verified { services, unwell });
            }
            Err(differences) => {
                // Somebody, or the machine, changed something meanwhile: nothing is claimed that was not found.
                report.outcome = Outcome::Stuck;
                report.way_out = vec![
                    "backstay status".to_owned(),
                    "docker compose up -d --no-build".to_owned(),
                ];
                note(run.ctx, Note::NotAsBefore { differences });
            }
        }
    }
    report
}

/// What comes after the commit. The new release runs and is verified, so that trouble here is told and does not change how
/// the run ended: the next run, or `recover`, goes on with it.
///
/// # Errors
/// That the engine died, and what it took down could not be started again.
async fn end(run: &mut Run<'_>, retention: Option<Retention>) -> Result<()> {
    let finished = finish(run, true).await;
    let runs = match &finished {
        Err(Error::Engine(_)) => keep_up::forward(run).await,
        _ => Ok(()),
    };
    keep_ports(run).await;
    let result = match finished {
        Ok(()) => {
            warm::sweep(run.ctx, &run.layout).await;
            retain(run.ctx, &run.layout, retention).await.map(|_| ())
        }
        Err(error) => Err(error),
    };
    if let Err(error) = result {
        note(run.ctx, Note::CleanupFailed { message: error.to_string() });
    }
    runs
}

/// The removal of an old container may have taken the way to a port from the new one.
async fn keep_ports(run: &Run<'_>) {
    let Ok(found) = run.ctx.engine.containers(&run.state.project).await else { return };
    for message in
        host_ports::mend(run.ctx, &found.iter().collect::<Vec<_>>()).await.unwrap_or_default()
    {
        note(run.ctx, Note::CleanupFailed { message });
    }
}

/// Says that a part of the run begins.
pub(super) fn phase(ctx: &Context, phase: Phase) {
    ctx.reporter.report(&Event::Phase { phase });
}

/// Makes a remark.
pub(super) fn note(ctx: &Context, note: Note) {
    ctx.reporter.report(&Event::Note { note });
}
