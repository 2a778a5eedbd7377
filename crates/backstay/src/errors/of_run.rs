//! A run that did not end as it should.

use backstay_core::event::{Cause, Failure, Outcome};
use backstay_core::ops::RunReport;

use super::{CommandError, Exit, hints, registry};
use crate::i18n::{Language, t};
use crate::ui::{clean, headline};

impl CommandError {
    /// The error of a run; `None` where it ended with the new release.
    pub(crate) fn of_run(lang: Language, ended: &RunReport) -> Option<Self> {
        let failure = ended.failure.as_ref();
        let cause = failure
            .map(|failure| headline(lang, failure, failure.service.as_slice()))
            .unwrap_or_default();
        let interrupted = failure.is_some_and(|f| f.cause == Cause::Interrupted);
        let found = match ended.outcome {
            Outcome::Deployed => return None,
            Outcome::RolledBack if interrupted => {
                Self::new(Exit::Interrupted, t!(lang, "run-interrupted"))
            }
            Outcome::RolledBack => {
                Self::new(Exit::RolledBack, t!(lang, "run-rolled-back", cause = cause))
            }
            Outcome::Stuck => {
                let commands = ended.way_out.iter().map(|line| clean::line(line));
                let message = match ended.release {
                    Some(_) => t!(lang, "run-unfinished", cause = cause),
                    None => t!(lang, "run-stuck", cause = cause),
                };
                let stuck = Self::new(Exit::Stuck, message).details(commands.collect());
                return Some(stuck.hint(hints::stuck(lang, ended.way_out.first())));
            }
        };
        Some(match failure {
            Some(failure) if !interrupted => advise(lang, found, failure),
            _ => found,
        })
    }
}

fn advise(lang: Language, mut error: CommandError, failure: &Failure) -> CommandError {
    let service = failure.service.as_deref().unwrap_or_default();
    match &failure.cause {
        Cause::Build { message } | Cause::Pull { message } => {
            error.hints.extend(registry::hint(lang, message));
        }
        Cause::PortTaken { .. } => error.hints.push(t!(lang, "hint-port")),
        Cause::DiskFull { .. } => error.hints.push(t!(lang, "hint-disk-full")),
        Cause::GatewayProgram { .. } => error.hints.push(t!(lang, "hint-gateway-program")),
        Cause::Deadline { .. } => error.hints.push(t!(lang, "hint-deadline")),
        Cause::Exited { oom_killed: true, .. } => {
            error.hints.push(t!(lang, "hint-out-of-memory", service = service));
        }
        _ => {}
    }
    error.hint(t!(lang, "hint-rolled-back"))
}
