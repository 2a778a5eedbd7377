//! Which of its verbs was named.

use clap::{Args, Subcommand};

use super::{list, restore, save, verify};
use crate::errors::{CommandError, Exit};
use crate::session::Session;

/// List, save, bring back and test the data of releases
#[derive(Debug, Args)]
pub(crate) struct Data {
    /// What to do; without it, the list is shown
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    List(list::List),
    Save(save::Save),
    Restore(restore::Restore),
    Verify(verify::Verify),
}

/// Runs the verb.
pub(crate) fn run(session: &Session, arguments: Data) -> Result<Exit, CommandError> {
    match arguments.verb.unwrap_or(Verb::List(list::List {})) {
        Verb::List(arguments) => list::run(session, &arguments),
        Verb::Save(arguments) => save::run(session, &arguments),
        Verb::Restore(arguments) => restore::run(session, &arguments),
        Verb::Verify(arguments) => verify::run(session, &arguments),
    }
}
