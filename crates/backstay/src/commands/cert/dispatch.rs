//! Which of its verbs was named.

use clap::{Args, Subcommand};

use super::{check, create, show};
use crate::errors::{CommandError, Exit};
use crate::session::Session;

/// Make, show and check the stack's certificate
#[derive(Debug, Args)]
pub(crate) struct Cert {
    /// What to do
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Create(create::Create),
    Show(show::Show),
    Check(check::Check),
}

/// Runs the verb.
pub(crate) fn run(session: &Session, arguments: Cert) -> Result<Exit, CommandError> {
    match arguments.verb {
        Verb::Create(arguments) => create::run(session, &arguments),
        Verb::Show(arguments) => show::run(session, &arguments),
        Verb::Check(arguments) => check::run(session, &arguments),
    }
}
