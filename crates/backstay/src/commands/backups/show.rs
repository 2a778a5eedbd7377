//! `backstay backups show`

use backstay_core::Error;
use backstay_core::ops::backups;
use backstay_core::release::EntryState;
use clap::Args;
use serde_json::json;

use crate::commands::world::World;
use crate::errors::{CommandError, Exit};
use crate::session::Session;
use crate::ui;

/// Show one backup: its services, images and files
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Backup: its name, a number of the list, or the path of its folder
    #[arg(value_name = "RELEASE|PATH")]
    release: String,
}

/// Shows a backup.
pub(super) fn run(session: &Session, arguments: &Show) -> Result<Exit, CommandError> {
    let stack = session.place()?;
    let world = World::new(session, &stack);
    let found = session.wait(async { backups::list(&world.idle(), &stack).await })?;
    let backups::Listing { catalog, layout, .. } = found;
    let entry = catalog.find(&arguments.release, &layout).map_err(|error| session.error(&error))?;
    let folder = match &entry.state {
        EntryState::Release(folder) => folder,
        EntryState::Plain => {
            session.print(ui::backups::show_plain(&session.wording(Some(&stack)), &entry.folder));
            return Ok(Exit::Done);
        }
        EntryState::Damaged(problem) => {
            let (file, problem) = (layout.backup(&entry.folder), problem.clone());
            let flaw = entry.flaw(&layout, &*world.idle().store);
            return Err(session.error(&flaw.unwrap_or(Error::Damaged { file, problem })));
        }
    };
    if session.json() {
        session.print_json(&json!({ "folder": entry.folder, "release": folder.release }));
    } else {
        session.print(ui::backups::show(&session.wording(Some(&stack)), folder));
    }
    Ok(Exit::Done)
}
