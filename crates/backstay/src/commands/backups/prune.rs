//! `backstay backups prune`

use backstay_core::ops::backups;
use clap::Args;
use serde_json::json;

use crate::commands::limits::Keep;
use crate::commands::world::World;
use crate::errors::{CommandError, Exit};
use crate::i18n::t;
use crate::session::Session;

/// Remove old backups
///
/// The release that runs now and the one before it stay, whatever their age.
#[derive(Debug, Args)]
pub(crate) struct Prune {
    #[command(flatten)]
    keep: Keep,

    /// Only say what would be removed
    #[arg(long)]
    dry_run: bool,
}

/// Removes old backups.
pub(super) fn run(session: &Session, arguments: &Prune) -> Result<Exit, CommandError> {
    let (stack, lang) = (session.stack()?, session.lang);
    let world = World::new(session, &stack);
    let retention = arguments.keep.retention();
    let found = session.wait(async {
        backups::prune(&world.idle(), &stack, retention, arguments.dry_run).await
    })?;
    if session.json() {
        let key = if arguments.dry_run { "would_remove" } else { "removed" };
        session.print_json(&json!({ key: found }));
    } else if found.is_empty() {
        session.print([t!(lang, "backups-nothing-to-remove")]);
    } else {
        let line = |folder: &String| match arguments.dry_run {
            true => t!(lang, "backups-would-remove", folder = folder),
            false => t!(lang, "backups-removed", folder = folder),
        };
        session.print(found.iter().map(line));
    }
    Ok(Exit::Done)
}
