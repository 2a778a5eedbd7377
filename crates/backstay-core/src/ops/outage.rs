//! An engine that dies before a run has anything on record takes down what runs, and does not start all of it again. What ran is
//! put on record then, so that it is started like what ran when any other run was undone: at once, or by a recovery.

use super::report::RunReport;
use super::visitors;
use crate::context::Context;
use crate::engine::{Container, EngineErrorKind};
use crate::error::{Error, Result};
use crate::event::{Event, Failure, Outcome, RunKind};
use crate::layout::Layout;
use crate::observed::is_live;
use crate::plan::{Step, Undo};
use crate::release::{Catalog, read_release};
use crate::run::Run;
use crate::stack::Model;
use crate::steps::keep_up;

/// What runs before a run, and is meant to go on for good.
pub(super) struct Up {
    project: String,
    containers: Vec<String>,
    gateway: Option<String>,
}

/// Looks what runs. The release that is on record says what is meant to; where there is none, `files`. What keeps this from being
/// found out keeps the run from beginning too, and is said there.
pub(super) async fn look(ctx: &Context, layout: &Layout, files: Option<&Model>) -> Option<Up> {
    let (_, project) = layout.owner()?;
    let release = read_release(&layout.current(), &*ctx.store).ok()?;
    let model = release.and_then(|release| Model::parse(&release.model(&*ctx.store).ok()?).ok());
    let mut live = ctx.engine.containers(project).await.ok()?;
    live.retain(is_live);
    let containers = keep_up::lasting(model.as_ref().or(files), &live);
    let gateway = visitors::gateway(ctx, project).await;
    Some(Up { project: project.to_owned(), containers, gateway })
}

impl Up {
    /// After an error that kept the run from beginning: where what ran does not run any more, it is started.
    pub(super) async fn keep(
        mut self,
        ctx: &Context,
        layout: &Layout,
        kind: RunKind,
        error: Error,
    ) -> Result<RunReport> {
        let may_be_down = match &error {
            Error::Engine(error) => {
                matches!(error.kind, EngineErrorKind::NotRunning | EngineErrorKind::Other)
            }
            _ => false,
        };
        self.containers.extend(self.gateway.take());
        if !may_be_down || self.runs(ctx).await {
            return Err(error);
        }
        let Ok(catalog) = Catalog::read(layout, &*ctx.store) else { return Err(error) };
        let first = Event::RunStarted {
            run: catalog.free_name(&*ctx.clock),
            kind,
            project: self.project.clone(),
            directory: Some(layout.directory().to_owned()),
            pid: std::process::id(),
            target: None,
            previous: None,
        };
        let Ok(mut run) = Run::begin(ctx, layout.clone(), first) else { return Err(error) };
        let failure = Failure::from(&error);
        let undo = Undo::KeepUp { project: self.project, containers: self.containers };
        let gone = failure.clone();
        let _ = run.step(Step::Observe, undo, async { Err::<(), _>(gone) }).await;
        match run.unwind(failure).await {
            Outcome::RolledBack => Err(error),
            outcome => Ok(RunReport::new(&run.state, outcome)),
        }
    }

    /// Whether all of it that is still there is up.
    async fn runs(&self, ctx: &Context) -> bool {
        let Ok(now) = ctx.engine.containers(&self.project).await else {
            return self.containers.is_empty();
        };
        let is_down =
            |found: &Container| self.containers.contains(&found.id) && !keep_up::is_up(found);
        !now.iter().any(is_down)
    }
}
