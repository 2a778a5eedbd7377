//! `backstay data restore`

use backstay_core::ops::data::{self, Held};
use backstay_core::ops::data_alone;
use clap::Args;

use crate::commands::world::World;
use crate::errors::{CommandError, Exit};
use crate::i18n::t;
use crate::session::Session;
use crate::ui::{Parts, clean, time};

/// Bring saved data back; the release stays as it is
///
/// What there is now is saved first, so that this can be taken back. A failure or Ctrl-C undoes all of it.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// Backup with the data: its name, a number of the list of backups, or the path of its folder; without one, the newest
    #[arg(value_name = "RELEASE|PATH")]
    release: Option<String>,

    /// Do not ask; `--force` is the same
    #[arg(short, long, alias = "force")]
    yes: bool,

    /// Show the plan and touch nothing
    #[arg(long)]
    dry_run: bool,
}

/// Brings it back.
pub(super) fn run(session: &Session, arguments: &Restore) -> Result<Exit, CommandError> {
    let stack = session.place()?;
    let world = World::of_run(session, &stack, Parts::DataRestore);
    session.block_on(async |cancel| {
        let context = world.context(cancel);
        if !arguments.yes && !arguments.dry_run {
            session.needs_somebody()?;
        }
        let name = arguments.release.as_deref();
        let held = data::meant(&context, &stack, name).await;
        let held = held.map_err(|error| session.error(&error))?;
        if arguments.dry_run {
            let plan = data_alone::plan(&context, &stack, &held.folder).await;
            return session.planned(&stack, plan);
        }
        if !arguments.yes {
            let (folder, at) = (clean::line(&held.folder), of(&held));
            let question = t!(session.lang, "ask-data-restore", folder = folder, at = at);
            session.confirm(&question, &context.cancel).await?;
        }
        session.ended(data_alone::restore(&context, &stack, &held.folder).await)
    })
}

/// Of which moment it is: that of the oldest one of its sets.
fn of(held: &Held) -> String {
    let oldest = held.sets.iter().map(|saved| saved.at.as_str()).min();
    oldest.map_or_else(|| time::of_folder(&held.folder), time::local)
}
