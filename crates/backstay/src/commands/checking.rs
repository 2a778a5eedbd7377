//! The checks of `doctor`, as `doctor` and `report` begin with them.

use std::time::Duration;

use backstay_core::context::Cancel;

use crate::doctor::About;
use crate::errors::CommandError;
use crate::i18n::t;
use crate::session::Session;
use crate::ui::Row;

/// What is to be checked, and why there is no stack where one was named: the checks may be about that.
pub(super) fn about(session: &Session) -> (About, Option<CommandError>) {
    let (stack, missing) = match session.find_stack() {
        Ok(stack) => (stack, None),
        Err(error) => (None, Some(error)),
    };
    (About::new(session.lang, session.secrets(), session.state(), stack), missing)
}

/// Waits for the checks while the screen says so.
///
/// # Errors
/// When the user wants to stop.
pub(super) async fn shown<T>(
    session: &Session,
    cancel: &Cancel,
    checks: impl Future<Output = T>,
) -> Result<T, CommandError> {
    let screen = session.screen();
    let checking = t!(session.lang, "doctor-checking");
    screen.progress(vec![Row { text: checking, elapsed: Duration::ZERO }]);
    let done = tokio::select! {
        done = checks => done,
        () = cancel.wait() => return Err(session.declined(cancel)),
    };
    screen.progress(Vec::new());
    Ok(done)
}
