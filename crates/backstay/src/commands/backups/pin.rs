//! `backstay backups pin` and `unpin`

use backstay_core::ops::backups;
use clap::Args;
use serde_json::json;

use crate::commands::world::World;
use crate::errors::{CommandError, Exit};
use crate::i18n::t;
use crate::session::Session;

/// Pin backups, so that no rule removes them
#[derive(Debug, Args)]
pub(crate) struct Pin {
    /// Backups: names, numbers of the list, or paths of their folders
    #[arg(value_name = "RELEASE|PATH", required = true)]
    releases: Vec<String>,
}

/// Give pinned backups free
#[derive(Debug, Args)]
pub(crate) struct Unpin {
    /// Backups: names, numbers of the list, or paths of their folders
    #[arg(value_name = "RELEASE|PATH", required = true)]
    releases: Vec<String>,
}

/// Pins backups.
pub(super) fn pin(session: &Session, arguments: &Pin) -> Result<Exit, CommandError> {
    set(session, &arguments.releases, true)
}

/// Gives them free.
pub(super) fn unpin(session: &Session, arguments: &Unpin) -> Result<Exit, CommandError> {
    set(session, &arguments.releases, false)
}

fn set(session: &Session, names: &[String], pinned: bool) -> Result<Exit, CommandError> {
    let (stack, lang) = (session.stack()?, session.lang);
    let world = World::new(session, &stack);
    let folders =
        session.wait(async { backups::set_pinned(&world.idle(), &stack, names, pinned).await })?;
    if session.json() {
        let key = if pinned { "pinned" } else { "unpinned" };
        session.print_json(&json!({ key: folders }));
    } else {
        let line = |folder: &String| match pinned {
            true => t!(lang, "backups-now-pinned", folder = folder),
            false => t!(lang, "backups-now-unpinned", folder = folder),
        };
        session.print(folders.iter().map(line));
    }
    Ok(Exit::Done)
}
