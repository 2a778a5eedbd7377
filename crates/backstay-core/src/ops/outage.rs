//! An engine that dies before a run has anything on record, or when all is over and the run's mark is taken away, takes down what
//! runs, and does not start all of it again. What ran is put on record then, so that it is started like what ran when any other run
//! was undone: at once, or by a recovery.

use super::beginning::Beginning;
use super::report::RunReport;
use super::visitors;
use crate::context::Context;
use crate::engine::{Container, EngineError, EngineErrorKind};
use crate::error::{Error, Result};
use crate::event::{Failure, Outcome, RunKind};
use crate::layout::Layout;
use crate::observed::is_live;
use crate::plan::{Step, Undo};
use crate::release::Catalog;
use crate::run::Run;
use crate::stack::Model;
use crate::steps::{keep_up, serving};

/// What runs before a run.
pub(super) struct Up {
    project: String,
    live: Vec<Container>,
    gateway: Option<String>,
    /// When that was.
    at: String,
}

/// Looks what runs. What keeps this from being found out keeps the run from beginning too, and is said there.
pub(super) async fn look(ctx: &Context, layout: &Layout) -> Option<Up> {
    let (_, project) = layout.owner()?;
    let mut live = ctx.engine.containers(project).await.ok()?;
    live.retain(is_live);
    let gateway = visitors::gateway(ctx, project).await;
    Some(Up { project: project.to_owned(), live, gateway, at: ctx.timestamp() })
}

impl Up {
    /// After an error that kept the run from beginning: where what ran and is meant to go on for good does not run any more, it is
    /// started. The release that is on record says what is meant to; where there is none, `files`.
    pub(super) async fn keep(
        self,
        ctx: &Context,
        layout: &Layout,
        kind: RunKind,
        files: Option<&Model>,
        error: Error,
    ) -> Result<RunReport> {
        if !matches!(&error, Error::Engine(error) if may_be_down(error)) {
            return Err(error);
        }
        let Some(down) = self.down(ctx, layout, files).await else { return Err(error) };
        let failure = Failure::from(&error);
        let Some(mut run) = down.on_record(ctx, layout, kind, &failure).await else {
            return Err(error);
        };
        match run.unwind(failure).await {
            Outcome::RolledBack => {
                down.serves(ctx).await;
                Err(error)
            }
            outcome => Ok(RunReport::new(&run.state, outcome)),
        }
    }

    /// After a run whose mark could not be taken away, for want of an engine: how it ended stays, where what ran at its end runs, or is
    /// started. Where that can't be done, a recovery does it.
    pub(super) async fn keep_behind(
        self,
        ctx: &Context,
        layout: &Layout,
        files: Option<&Model>,
        report: RunReport,
        lost: Option<&EngineError>,
    ) -> RunReport {
        let Some(error) = lost.filter(|error| may_be_down(error)) else { return report };
        let Some(down) = self.down(ctx, layout, files).await else { return report };
        if keep_up::undo(ctx, &down.project, &down.containers).await.is_ok() {
            down.serves(ctx).await;
            return report;
        }
        let failure = Failure::from(error);
        let Some(mut run) = down.on_record(ctx, layout, report.kind, &failure).await else {
            return report;
        };
        let left = RunReport::left_to_recovery(&mut run, failure);
        let failure = report.failure.or(left.failure);
        RunReport { outcome: left.outcome, failure, way_out: left.way_out, ..report }
    }

    /// What of it is meant to go on for good, where not all of that runs.
    async fn down(self, ctx: &Context, layout: &Layout, files: Option<&Model>) -> Option<Down> {
        let catalog = Catalog::read(layout, &*ctx.store).ok()?;
        let current = catalog.current.as_ref();
        let model = current.and_then(|current| current.parsed_model(&*ctx.store));
        let model = model.or_else(|| files.cloned());
        let mut containers = keep_up::lasting(model.as_ref(), &self.live);
        containers.extend(self.gateway);
        let Self { project, at: since, .. } = self;
        let all_run = all_run(ctx, &project, &containers).await;
        (!all_run).then_some(Down { project, containers, catalog, model, since })
    }
}

/// What is meant to run, and does not all run.
struct Down {
    project: String,
    containers: Vec<String>,
    catalog: Catalog,
    model: Option<Model>,
    /// It ran then.
    since: String,
}

impl Down {
    /// Puts it on record, as what a run has to start when it is undone. `None` where that can't be done.
    async fn on_record<'a>(
        &self,
        ctx: &'a Context,
        layout: &Layout,
        kind: RunKind,
        failure: &Failure,
    ) -> Option<Run<'a>> {
        let (project, catalog) = (self.project.clone(), self.catalog.clone());
        let (target, observed, flaw) = (None, None, None);
        let beginning = Beginning { project: project.clone(), target, catalog, observed, flaw };
        let first = beginning.first(ctx, layout, kind);
        let mut run = Run::begin(ctx, layout.clone(), first).ok()?;
        let undo = Undo::KeepUp { project, containers: self.containers.clone() };
        let gone = failure.clone();
        let _ = run.step(Step::Observe, undo, async { Err::<(), _>(gone) }).await;
        Some(run)
    }

    /// Waits until it serves, now that it has been started.
    async fn serves(&self, ctx: &Context) {
        let wanted = self.containers.iter().cloned().collect();
        let model = self.model.as_ref();
        serving::tell(ctx, serving::again(ctx, &self.project, model, &wanted, &self.since).await);
    }
}

fn may_be_down(error: &EngineError) -> bool {
    matches!(error.kind, EngineErrorKind::NotRunning | EngineErrorKind::Other)
}

/// Whether all of these that are still there are up.
async fn all_run(ctx: &Context, project: &str, containers: &[String]) -> bool {
    let Ok(now) = ctx.engine.containers(project).await else { return containers.is_empty() };
    let is_down = |found: &Container| containers.contains(&found.id) && !found.is_up();
    !now.iter().any(is_down)
}
