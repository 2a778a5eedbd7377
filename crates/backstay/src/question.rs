//! Questions that are answered with yes or no.

use backstay_core::context::Cancel;

use crate::errors::CommandError;
use crate::i18n::t;
use crate::session::Session;
use crate::ui::prompt;

impl Session {
    /// Asks whether it is to be done.
    ///
    /// # Errors
    /// For everything but a yes, and where nobody is there to be asked.
    pub(crate) async fn confirm(
        &self,
        question: &str,
        cancel: &Cancel,
    ) -> Result<(), CommandError> {
        self.needs_somebody()?;
        if self.ask(question, false, cancel).await? { Ok(()) } else { Err(self.declined(cancel)) }
    }

    /// That there is somebody to ask; otherwise `--yes` has to have answered.
    pub(crate) fn needs_somebody(&self) -> Result<(), CommandError> {
        if self.is_interactive() {
            return Ok(());
        }
        Err(CommandError::usage(t!(self.lang, "usage-needs-yes")))
    }

    /// Asks; an empty answer is the usual one.
    pub(crate) async fn ask(
        &self,
        question: &str,
        usual: bool,
        cancel: &Cancel,
    ) -> Result<bool, CommandError> {
        match prompt::ask(&*self.screen(), question, cancel).await {
            Some(answer) if answer.is_empty() => Ok(usual),
            Some(answer) => Ok(prompt::is_yes(&answer)),
            None => Err(self.declined(cancel)),
        }
    }
}
