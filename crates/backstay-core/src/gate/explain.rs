//! Why a container failed at the gate, with its last words.

use super::judge::Asked;
use crate::context::Context;
use crate::engine::Container;
use crate::event::{Activity, Cause, Event, Failure};

/// How many lines of a failed container's output are shown.
const LOG_LINES: usize = 20;

/// A failure with the container's last words.
pub(super) async fn explain(
    ctx: &Context,
    entry: &Asked<'_>,
    found: Option<&Container>,
    cause: Cause,
) -> Failure {
    let subject = entry.subject;
    let activity = Activity::Failed;
    ctx.reporter.report(&Event::Service { service: subject.service.clone(), activity });
    let is_end = matches!(cause, Cause::Exited { .. } | Cause::Restarting { .. });
    let mut failure = Failure::of(&subject.service, cause);
    if let Some(container) = found {
        failure.container = Some(container.name.clone());
        failure.health.clone_from(&container.state.health_log);
        // Without its words the failure is still one.
        failure.logs = ctx.engine.logs(&subject.id, LOG_LINES).await.unwrap_or_default();
    }
    let own = entry.own.as_ref().and_then(super::ask::Own::complaint);
    let known = |said: &String| failure.health.iter().any(|line| line.contains(said.as_str()));
    let own = own.filter(|said| !known(said));
    failure.health.extend(own);
    failure.health.extend(entry.probing.complaints());
    if is_end {
        failure.needs = subject.unawaited.clone();
    }
    failure
}

/// An error while starting a container: a port that is taken, or the engine's own words.
pub(crate) fn start_failure(service: &str, error: &crate::engine::EngineError) -> Failure {
    use crate::engine::EngineErrorKind::{DiskFull, Hook, PortTaken};
    use crate::event::Cause;
    match error.kind {
        PortTaken | DiskFull | Hook => Failure::from(error).at(service),
        _ => Failure::of(service, Cause::Start { message: error.message.clone() }),
    }
}
