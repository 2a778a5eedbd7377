//! Why a container failed at the gate, with its last words.

use super::judge::Entry;
use crate::context::Context;
use crate::engine::{Container, EngineError};
use crate::event::{Activity, Cause, Event, Failure};

/// How many lines of a failed container's output are shown.
const LOG_LINES: usize = 20;

/// A failure with the container's last words.
pub(super) async fn explain(
    ctx: &Context,
    entry: &Entry<'_>,
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

/// An engine's error as the cause of a failed run.
pub(crate) fn engine_failure(service: Option<&str>, error: &EngineError) -> Failure {
    use crate::engine::EngineErrorKind as Kind;
    let message = error.message.clone();
    let cause = match error.kind {
        Kind::Build => Cause::Build { message },
        Kind::Pull => Cause::Pull { message },
        Kind::PortTaken => Cause::PortTaken { message },
        Kind::DiskFull => Cause::DiskFull { message },
        Kind::Hook => {
            let mut lines = message.lines().map(str::to_owned);
            let message = lines.next().unwrap_or_default();
            let logs = lines.collect();
            let failure = Failure { logs, ..Failure::new(Cause::Hook { message }) };
            return Failure { service: service.map(str::to_owned), ..failure };
        }
        _ => Cause::Engine { message: error.to_string() },
    };
    Failure { service: service.map(str::to_owned), ..Failure::new(cause) }
}
