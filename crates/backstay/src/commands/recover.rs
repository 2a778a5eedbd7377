//! `backstay recover`

use backstay_core::event::Outcome;
use backstay_core::ops::recover;
use clap::Args;

use super::world::World;
use crate::errors::{CommandError, Exit};
use crate::i18n::t;
use crate::session::Session;

/// Finish or undo a run that was killed
///
/// The next run does this by itself; this command does only this.
#[derive(Debug, Args)]
pub(crate) struct Recover {}

/// Recovers the stack's interrupted runs.
pub(crate) fn run(session: &Session, _arguments: &Recover) -> Result<Exit, CommandError> {
    let stack = session.stack()?;
    let world = World::new(session, &stack);
    session.block_on(async |cancel| {
        let reports = recover::run(&world.context(cancel), &stack).await;
        let reports = reports.map_err(|error| session.error(&error))?;
        if reports.is_empty() && !session.json() {
            session.print([t!(session.lang, "recover-nothing")]);
        }
        // A run that was undone is what a recovery is for; only a stuck one is an error.
        match reports.into_iter().find(|report| report.outcome == Outcome::Stuck) {
            Some(stuck) => session.ended(Ok(stuck)),
            None => Ok(Exit::Done),
        }
    })
}
