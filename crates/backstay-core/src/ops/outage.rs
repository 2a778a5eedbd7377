//! An engine that dies before a run has anything on record takes down what runs, and does not start all of it again. What ran is
//! put on record then, so that it is started like what ran when any other run was undone: at once, or by a recovery.

use super::beginning::Beginning;
use super::report::RunReport;
use super::visitors;
use crate::context::Context;
use crate::engine::{Container, EngineErrorKind};
use crate::error::{Error, Result};
use crate::event::{Failure, Outcome, RunKind};
use crate::layout::Layout;
use crate::observed::is_live;
use crate::plan::{Step, Undo};
use crate::release::Catalog;
use crate::run::Run;
use crate::stack::Model;
use crate::steps::keep_up;

/// What runs before a run.
pub(super) struct Up {
    project: String,
    live: Vec<Container>,
    gateway: Option<String>,
}

/// Looks what runs. What keeps this from being found out keeps the run from beginning too, and is said there.
pub(super) async fn look(ctx: &Context, layout: &Layout) -> Option<Up> {
    let (_, project) = layout.owner()?;
    let mut live = ctx.engine.containers(project).await.ok()?;
    live.retain(is_live);
    let gateway = visitors::gateway(ctx, project).await;
    Some(Up { project: project.to_owned(), live, gateway })
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
        let may_be_down = match &error {
            Error::Engine(error) => {
                matches!(error.kind, EngineErrorKind::NotRunning | EngineErrorKind::Other)
            }
            _ => false,
        };
        if !may_be_down {
            return Err(error);
        }
        let Ok(catalog) = Catalog::read(layout, &*ctx.store) else { return Err(error) };
        let current = catalog.current.as_ref();
        let model =
            current.and_then(|current| Model::parse(&current.model(&*ctx.store).ok()?).ok());
        let mut containers = keep_up::lasting(model.as_ref().or(files), &self.live);
        containers.extend(self.gateway);
        if all_run(ctx, &self.project, &containers).await {
            return Err(error);
        }
        let project = self.project;
        let (target, observed, flaw) = (None, None, None);
        let beginning = Beginning { project: project.clone(), target, catalog, observed, flaw };
        let first = beginning.first(ctx, layout, kind);
        let Ok(mut run) = Run::begin(ctx, layout.clone(), first) else { return Err(error) };
        let failure = Failure::from(&error);
        let undo = Undo::KeepUp { project, containers };
        let gone = failure.clone();
        let _ = run.step(Step::Observe, undo, async { Err::<(), _>(gone) }).await;
        match run.unwind(failure).await {
            Outcome::RolledBack => Err(error),
            outcome => Ok(RunReport::new(&run.state, outcome)),
        }
    }
}

/// Whether all of these that are still there are up.
async fn all_run(ctx: &Context, project: &str, containers: &[String]) -> bool {
    let Ok(now) = ctx.engine.containers(project).await else { return containers.is_empty() };
    let is_down = |found: &Container| containers.contains(&found.id) && !keep_up::is_up(found);
    !now.iter().any(is_down)
}
