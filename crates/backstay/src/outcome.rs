//! What the end of an operation means: a screen, an error, an exit code.

use backstay_core::Error;
use backstay_core::context::Cancel;
use backstay_core::ops::RunReport;
use backstay_core::plan::Plan;
use backstay_core::stack::StackRef;

use crate::errors::{CommandError, Exit};
use crate::i18n::t;
use crate::session::Session;
use crate::ui::{Wording, details, plan};

impl Session {
    /// The error of an operation that did not begin.
    pub(crate) fn error(&self, error: &Error) -> CommandError {
        CommandError::of_core(self.lang, error)
    }

    /// The error of a question that was answered with no, or not at all.
    pub(crate) fn declined(&self, cancel: &Cancel) -> CommandError {
        let lang = self.lang;
        let stopped = cancel.is_set();
        let message = if stopped { t!(lang, "interrupted-early") } else { t!(lang, "declined") };
        CommandError::new(Exit::Declined, message)
    }

    /// Shows a plan that is not run.
    pub(crate) fn planned(
        &self,
        stack: &StackRef,
        plan: Result<Plan, Error>,
    ) -> Result<Exit, CommandError> {
        let plan = plan.map_err(|error| self.error(&error))?;
        if self.json() {
            self.print_json(&plan);
        } else {
            self.print(plan::lines(&self.wording(Some(stack)), &plan));
        }
        Ok(Exit::Done)
    }

    /// What the end of a run means for the one who asked for it.
    pub(crate) fn ended(&self, report: Result<RunReport, Error>) -> Result<Exit, CommandError> {
        let report = report.map_err(|error| self.error(&error))?;
        let Some(mut error) = CommandError::of_run(self.lang, &report) else {
            return Ok(Exit::Done);
        };
        if self.quiet()
            && let Some(failure) = &report.failure
        {
            // Nobody else has said it.
            let wording = Wording::plain(self.lang, self.stderr_style());
            error.details.splice(0..0, details(&wording, failure));
        }
        Err(error)
    }
}
