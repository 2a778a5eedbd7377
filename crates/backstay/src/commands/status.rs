//! `backstay status`

use backstay_core::ops::status;
use clap::Args;

use super::world::World;
use crate::errors::{CommandError, Exit};
use crate::session::Session;
use crate::ui;

/// Show what runs, which release it is, and how it differs from it
#[derive(Debug, Args)]
pub(crate) struct Status {}

/// Shows the status.
pub(crate) fn run(session: &Session, _arguments: &Status) -> Result<Exit, CommandError> {
    let stack = session.stack()?;
    let world = World::new(session, &stack);
    session.block_on(async |cancel| {
        let report = status::read(&world.context(cancel), &stack).await;
        let report = report.map_err(|error| session.error(&error))?;
        if session.json() {
            session.print_json(&report);
        } else {
            session.print(ui::status::lines(&session.wording(Some(&stack)), &report));
        }
        match report.damage.first() {
            Some(damage) => {
                let more = report.damage[1..].iter().map(|other| session.error(other).message);
                Err(session.error(damage).details(more.collect()))
            }
            None => Ok(Exit::Done),
        }
    })
}
