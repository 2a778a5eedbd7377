//! `backstay backups remove`

use backstay_core::ops::backups;
use clap::Args;
use serde_json::json;

use crate::commands::world::World;
use crate::errors::{CommandError, Exit};
use crate::i18n::t;
use crate::session::Session;
use crate::ui::clean;

/// Remove backups
///
/// The release that runs now and the one before it stay.
#[derive(Debug, Args)]
pub(crate) struct Remove {
    /// Backups: names, numbers of the list, or paths of their folders
    #[arg(value_name = "RELEASE|PATH", required = true)]
    releases: Vec<String>,

    /// Do not ask; `--force` is the same
    #[arg(short, long, alias = "force")]
    yes: bool,
}

/// Removes backups.
pub(super) fn run(session: &Session, arguments: &Remove) -> Result<Exit, CommandError> {
    let stack = session.place()?;
    let world = World::new(session, &stack);
    session.block_on(async |cancel| {
        let context = world.context(cancel.clone());
        let found = backups::list(&context, &stack).await;
        let backups::Listing { catalog, layout, .. } =
            found.map_err(|error| session.error(&error))?;
        // Numbers mean the list as it is now, not as it is after the first removal.
        let mut folders: Vec<String> = Vec::new();
        for name in &arguments.releases {
            let entry = catalog.find(name, &layout).map_err(|error| session.error(&error))?;
            if !folders.contains(&entry.folder) {
                folders.push(entry.folder.clone());
            }
        }
        if !arguments.yes {
            let named = clean::line(&folders.join(", "));
            session.confirm(&t!(session.lang, "ask-remove", folders = named), &cancel).await?;
        }
        let removed = backups::remove(&context, &stack, &folders).await;
        let removed = removed.map_err(|error| session.error(&error))?;
        if session.json() {
            session.print_json(&json!({ "removed": removed }));
        } else {
            let line = |folder: &String| t!(session.lang, "backups-removed", folder = folder);
            session.print(removed.iter().map(line));
        }
        Ok(Exit::Done)
    })
}
