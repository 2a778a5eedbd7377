//! Hooks of a run: which of them belong to it, what they are told, and how one is run and ended.

use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use crate::context::Context;
use crate::engine::{Container, Ran, Status};
use crate::error::{Error, Result};
use crate::event::{Event, HookTrouble, OutputSource, RunKind};
use crate::plan::HookPlace;
use crate::run_state::RunState;
use crate::stack::{Hook, HookPoint, Model, Operation, RunHook};

/// Between two looks whether a command in a container has ended that nobody could end.
const LOOK: Duration = Duration::from_millis(500);

/// The hooks of a run, and the release that it leads to.
#[derive(Debug, Clone, Default)]
pub(crate) struct RunHooks {
    /// Those that are run in it.
    pub hooks: Vec<RunHook>,
    /// Those that would be, and are left out because the user said so.
    pub left_out: Vec<String>,
    /// The id of the release.
    pub release: String,
}

impl RunHooks {
    /// Those of a model.
    pub(crate) fn of(model: &Model, kind: RunKind, wanted: bool, release: String) -> Self {
        let operation = operation(kind);
        let mine = model.hooks.iter().filter(|hook| {
            // Also after a deploy that was undone.
            operation.is_some_and(|operation| hook.operations.contains(&operation))
        });
        let (hooks, left_out) = if wanted {
            (mine.cloned().collect(), Vec::new())
        } else {
            (Vec::new(), mine.map(|hook| hook.name.clone()).collect())
        };
        Self { hooks, left_out, release }
    }

    /// Those of a place that is not part of a plan.
    pub(crate) fn at(&self, point: HookPoint) -> impl Iterator<Item = &RunHook> {
        self.hooks.iter().filter(move |hook| hook.point == point)
    }

    /// What a hook finds in its environment.
    pub(crate) fn variables(
        &self,
        run: &RunState,
        point: HookPoint,
        services: &[String],
    ) -> Vec<String> {
        let mut variables = marks(&run.project, &run.run);
        let previous = run.previous.as_deref().unwrap_or_default();
        variables.extend([
            format!("BACKSTAY_RELEASE={}", self.release),
            format!("BACKSTAY_PREVIOUS_RELEASE={previous}"),
            format!("BACKSTAY_OPERATION={}", operation(run.kind).map_or("", Operation::key)),
            format!("BACKSTAY_HOOK={}", point.key()),
            format!("BACKSTAY_SERVICES={}", services.join(" ")),
        ]);
        variables
    }
}

/// `None`: a run that brings no other release has no hooks.
const fn operation(kind: RunKind) -> Option<Operation> {
    match kind {
        RunKind::Deploy => Some(Operation::Deploy),
        RunKind::Update => Some(Operation::Update),
        RunKind::Rollback => Some(Operation::Rollback),
        RunKind::DataSave | RunKind::DataRestore => None,
    }
}

/// By which processes of a run's hooks are found again.
pub(crate) fn marks(project: &str, run: &str) -> Vec<String> {
    vec![format!("BACKSTAY_PROJECT={project}"), format!("BACKSTAY_RUN={run}")]
}

/// The container of its service in which a hook is run; `None` where none runs.
pub(crate) fn inside(hook: &RunHook, live: &[Container]) -> Option<HookPlace> {
    let Some(service) = &hook.service else { return Some(HookPlace::Host) };
    let runs = |container: &&Container| {
        &container.service == service && container.state.status == Status::Running
    };
    let first = live.iter().filter(runs).min_by_key(|container| container.number)?;
    Some(HookPlace::Inside { container: first.id.clone() })
}

/// A hook, or what takes it back, that is about to be run.
pub(crate) struct Call<'a> {
    pub name: &'a str,
    pub run: &'a str,
    pub place: &'a HookPlace,
    pub command: &'a Hook,
    pub timeout: Duration,
    /// The stack's folder.
    pub folder: &'a Path,
}

/// Why a hook did not end well, and its last lines.
#[derive(Debug)]
pub(crate) struct Failed {
    pub trouble: HookTrouble,
    pub lines: Vec<String>,
}

impl Failed {
    pub(crate) const fn new(trouble: HookTrouble) -> Self {
        Self { trouble, lines: Vec::new() }
    }
}

/// Runs it. What it writes is told line by line.
pub(crate) async fn call(ctx: &Context, call: &Call<'_>) -> std::result::Result<(), Failed> {
    let say = |line: &str| {
        let line = format!("{}: {line}", call.name);
        ctx.reporter.report(&Event::Output { from: OutputSource::RunHook, line });
    };
    let command = call.command;
    let runs = async {
        match call.place {
            HookPlace::Host => {
                let ran = ctx.commands.run(call.folder, command, &say).await;
                ran.map_err(|error| error.to_string())
            }
            HookPlace::Inside { container } => {
                let ran = ctx.engine.run_inside(container, command, &say).await;
                ran.map_err(|error| error.to_string())
            }
            HookPlace::Beside { container } => {
                let ran = ctx.engine.run_beside(container, command, call.run, &say).await;
                ran.map_err(|error| error.to_string())
            }
        }
    };
    match within(ctx, call.timeout, runs).await {
        None => Err(Failed::new(HookTrouble::Late { waited: call.timeout })),
        Some(Err(message)) => Err(Failed::new(HookTrouble::Other { message })),
        Some(Ok(Ran { code: Some(0), .. })) => Ok(()),
        Some(Ok(Ran { code, words })) => {
            Err(Failed { trouble: HookTrouble::Exit { code }, lines: words })
        }
    }
}

async fn within<T>(ctx: &Context, limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    match select(pin!(work), pin!(ctx.clock.sleep(limit))).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    }
}

/// Ends what is left of it: after a time that was too long, and where the process died that had begun it. What can't be ended from here is
/// waited for, so that nothing is taken back while it is still being done.
pub(crate) async fn end(ctx: &Context, call: &Call<'_>, marks: &[String]) -> Result<()> {
    let io = |error| Error::io("ending hooks in", call.folder, error);
    ctx.commands.end(marks).await.map_err(io)?;
    match call.place {
        HookPlace::Host => Ok(()),
        HookPlace::Beside { .. } => Ok(ctx.engine.end_beside(call.run).await?),
        HookPlace::Inside { container } => {
            let mut left = call.timeout;
            while ctx.engine.runs_inside(container, call.command).await? {
                if left.is_zero() {
                    let name = call.name;
                    let problem = format!("hook `{name}` still runs in its container");
                    return Err(io(std::io::Error::other(problem)));
                }
                ctx.clock.sleep(LOOK).await;
                left = left.saturating_sub(LOOK);
            }
            Ok(())
        }
    }
}
