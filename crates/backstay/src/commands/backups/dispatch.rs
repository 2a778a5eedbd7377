//! Which of its verbs was named.

use clap::{Args, Subcommand};

use super::{export, import, list, pin, prune, remove, show, verify};
use crate::errors::{CommandError, Exit};
use crate::session::Session;

/// List, show, pin, move and remove backups
#[derive(Debug, Args)]
pub(crate) struct Backups {
    /// What to do; without it, the list is shown
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    List(list::List),
    Show(show::Show),
    Remove(remove::Remove),
    Prune(prune::Prune),
    Pin(pin::Pin),
    Unpin(pin::Unpin),
    Verify(verify::Verify),
    Export(export::Export),
    Import(import::Import),
}

/// Runs the verb.
pub(crate) fn run(session: &Session, arguments: Backups) -> Result<Exit, CommandError> {
    match arguments.verb.unwrap_or(Verb::List(list::List {})) {
        Verb::List(arguments) => list::run(session, &arguments),
        Verb::Show(arguments) => show::run(session, &arguments),
        Verb::Remove(arguments) => remove::run(session, &arguments),
        Verb::Prune(arguments) => prune::run(session, &arguments),
        Verb::Pin(arguments) => pin::pin(session, &arguments),
        Verb::Unpin(arguments) => pin::unpin(session, &arguments),
        Verb::Verify(arguments) => verify::run(session, &arguments),
        Verb::Export(arguments) => export::run(session, &arguments),
        Verb::Import(arguments) => import::run(session, &arguments),
    }
}
