//! Containers that are not well, whoever's doing it is.

use crate::context::Context;
use crate::engine::{Answer, Container, Health, Status};
use crate::event::Unwell;
use jiff::Timestamp;

/// How long after its last restart a container that was restarted counts as one that falls over, in seconds.
const SETTLED: i64 = 120;

/// What is wrong with a container: it falls over again and again, or is unhealthy. One that ends with 0 and is started again
/// by its policy does what it is meant to.
pub(crate) async fn unwell(ctx: &Context, container: &Container) -> Option<Unwell> {
    let state = &container.state;
    let falls = match state.status {
        Status::Restarting | Status::Dead => true,
        Status::Running => state.restarts > 0 && is_recent(ctx, &state.started_at),
        Status::Created | Status::Paused | Status::Exited => false,
    };
    let code = if falls { last_code(ctx, container).await } else { None };
    // The engine finds out after its own interval that it passes again.
    let is_sick = state.health == Some(Health::Unhealthy) && !passes_now(ctx, container).await;
    let is_well = (!falls || code == Some(0)) && !is_sick;
    (!is_well).then(|| Unwell {
        service: container.service.clone(),
        container: container.name.clone(),
        status: state.status,
        restarts: state.restarts,
        code,
        health: state.health,
    })
}

/// Whether a container's own healthcheck passes when it is asked once.
pub(crate) async fn passes_now(ctx: &Context, container: &Container) -> bool {
    let Ok(checks) = ctx.engine.own_checks(&container.id).await else { return false };
    let Some(probe) = checks.healthcheck else { return false };
    matches!(ctx.engine.probe(&container.id, &probe).await, Ok(Answer::Passed))
}

/// The exit code of a container's last end; of one that runs again, only the engine's memory knows it.
pub(super) async fn last_code(ctx: &Context, container: &Container) -> Option<i64> {
    match container.state.status {
        Status::Running | Status::Paused | Status::Created => {
            ctx.engine.last_end(&container.id).await.ok().flatten()
        }
        Status::Restarting | Status::Exited | Status::Dead => Some(container.state.exit_code),
    }
}

fn is_recent(ctx: &Context, started_at: &str) -> bool {
    let Ok(started) = started_at.parse::<Timestamp>() else { return false };
    ctx.clock.now().timestamp().as_second() - started.as_second() < SETTLED
}
