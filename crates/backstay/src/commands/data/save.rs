//! `backstay data save`

use backstay_core::ops::data_alone;
use clap::Args;

use crate::commands::world::World;
use crate::errors::{CommandError, Exit};
use crate::session::Session;
use crate::ui::Parts;

/// Save the present data now; the release stays as it is
///
/// The data lies in a backup of its own, for `backstay data restore` and `backstay rollback --with-data`.
#[derive(Debug, Args)]
pub(crate) struct Save {}

/// Saves it.
pub(super) fn run(session: &Session, _arguments: &Save) -> Result<Exit, CommandError> {
    let stack = session.place()?;
    let world = World::of_run(session, &stack, Parts::DataSave);
    session.block_on(async |cancel| {
        session.ended(data_alone::save(&world.context(cancel), &stack).await)
    })
}
