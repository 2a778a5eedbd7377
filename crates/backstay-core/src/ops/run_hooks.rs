//! The hooks of a run that are run outside of its plan: before there is one, and when the run has ended.

use crate::context::Context;
use crate::event::{Event, Failure, HookTrouble, Note};
use crate::hooks::{Call, Failed, RunHooks, call, end, inside, marks};
use crate::observed::{Observed, is_live};
use crate::plan::Plan;
use crate::run::Run;
use crate::stack::{HookPoint, RunHook};
use crate::steps::hook::before;

/// Runs those that come before anything is touched, and says which are left out. `outlook` is what the run is going to do, as far as it is
/// known; without it all are run.
pub(super) async fn before_deploy(
    run: &mut Run<'_>,
    hooks: &RunHooks,
    observed: &Observed,
    outlook: Option<&Plan>,
) -> Result<(), Failure> {
    if !hooks.left_out.is_empty() {
        note(run.ctx, Note::NoHooks { hooks: hooks.left_out.clone() });
    }
    let point = HookPoint::BeforeDeploy;
    let due: Vec<&RunHook> = match outlook {
        Some(plan) => plan.due(&hooks.hooks, point).collect(),
        None => hooks.at(point).collect(),
    };
    let services = outlook.map(Plan::changed).unwrap_or_default();
    for hook in due {
        let variables = hooks.variables(&run.state, point, &services);
        before(run, hook, &observed.live, variables).await?;
    }
    Ok(())
}

/// Runs those that come when the run has ended. Whatever goes wrong here is told, and changes nothing.
pub(super) async fn afterwards(run: &Run<'_>, hooks: &RunHooks, point: HookPoint) {
    let plan = run.state.plan.as_ref();
    let is_undone = run.state.release.is_none();
    let due: Vec<&RunHook> = match plan {
        Some(plan) if plan.deploys() => plan.due(&hooks.hooks, point).collect(),
        // It failed before it was known what would change.
        _ if is_undone => hooks.at(point).collect(),
        _ => Vec::new(),
    };
    let services = plan.map(Plan::changed).unwrap_or_default();
    for hook in due {
        let variables = hooks.variables(&run.state, point, &services);
        note(run.ctx, Note::HookRuns { hook: hook.name.clone() });
        if let Err(Failed { trouble, lines }) = one(run, hook, &variables).await {
            let hook = hook.name.clone();
            note(run.ctx, Note::HookFailed { hook, trouble, lines });
        }
    }
}

fn note(ctx: &Context, note: Note) {
    ctx.reporter.report(&Event::Note { note });
}

async fn one(run: &Run<'_>, hook: &RunHook, variables: &[String]) -> Result<(), Failed> {
    let (ctx, project) = (run.ctx, &run.state.project);
    let other = |message: String| Failed::new(HookTrouble::Other { message });
    let mut live = Vec::new();
    if hook.service.is_some() {
        let all = ctx.engine.containers(project).await.map_err(|error| other(error.to_string()))?;
        live.extend(all.into_iter().filter(is_live));
    }
    let Some(place) = inside(hook, &live) else {
        let service = hook.service.clone().unwrap_or_default();
        return Err(Failed::new(HookTrouble::Off { service }));
    };
    let command = hook.run.with(variables);
    let work = Call {
        name: &hook.name,
        run: &run.state.run,
        place: &place,
        command: &command,
        timeout: hook.timeout,
        folder: run.layout.directory(),
    };
    let ended = call(ctx, &work).await;
    if let Err(Failed { trouble: HookTrouble::Late { .. }, .. }) = &ended {
        // What can't be ended is not waited for: nothing follows.
        let _ = end(
            ctx,
            &Call { timeout: std::time::Duration::ZERO, ..work },
            &marks(project, &run.state.run),
        )
        .await;
    }
    ended
}
