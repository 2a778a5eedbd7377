//! The password of a PFX file: from its variable, else typed. Never an argument, which others could read.

use backstay_cert::{DEFAULT_PASSWORD_VARIABLE, PasswordSource, Settings, Zeroizing};
use backstay_core::ports::CertificateError;

use super::configured::Configured;
use crate::certificates;
use crate::errors::{CommandError, Exit};
use crate::i18n::t;
use crate::session::Session;
use crate::ui::prompt;

/// The password of a file that is there.
pub(super) fn known(
    session: &Session,
    stack: &Configured,
    settings: Option<&Settings>,
) -> Result<Zeroizing<String>, CommandError> {
    match of_variable(session, stack, settings)? {
        Ok(password) => Ok(password),
        Err(variable) => typed(session, variable, &t!(session.lang, "ask-password")),
    }
}

/// The password of a file that is to be made: typed twice, so that a slip is seen.
pub(super) fn chosen(
    session: &Session,
    stack: &Configured,
    settings: &Settings,
) -> Result<Zeroizing<String>, CommandError> {
    let variable = match of_variable(session, stack, Some(settings))? {
        Ok(password) => return Ok(password),
        Err(variable) => variable,
    };
    let lang = session.lang;
    let first = typed(session, variable.clone(), &t!(lang, "ask-password"))?;
    if *typed(session, variable, &t!(lang, "ask-password-again"))? != *first {
        return Err(CommandError::new(Exit::Declined, t!(lang, "cert-passwords-differ")));
    }
    Ok(first)
}

/// The password, or the name of the variable that has none.
#[allow(clippy::type_complexity)]
fn of_variable(
    session: &Session,
    stack: &Configured,
    settings: Option<&Settings>,
) -> Result<Result<Zeroizing<String>, String>, CommandError> {
    let usual = PasswordSource::Variable(DEFAULT_PASSWORD_VARIABLE.to_owned());
    let source = settings.map_or(&usual, |settings| &settings.password);
    match certificates::password(source, &|name| stack.variable(name)) {
        Ok(password) => Ok(Ok(password)),
        Err(CertificateError::PasswordNotSet { variable }) => Ok(Err(variable)),
        Err(error) => Err(CommandError::of_certificate(session.lang, &error)),
    }
}

fn typed(
    session: &Session,
    variable: String,
    question: &str,
) -> Result<Zeroizing<String>, CommandError> {
    let answer = if session.is_interactive() {
        prompt::ask_hidden(&*session.screen(), question)
    } else {
        None
    };
    let answer = answer.filter(|answer| !answer.is_empty()).map(Zeroizing::new);
    let none = CertificateError::PasswordNotSet { variable };
    answer.ok_or_else(|| CommandError::of_certificate(session.lang, &none))
}
