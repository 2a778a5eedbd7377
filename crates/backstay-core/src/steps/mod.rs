//! The steps of a run, one file each: what it does and how that is undone, side by side.

pub(crate) mod backup;
pub(crate) mod create;
pub(crate) mod directories;
pub(crate) mod files;
pub(crate) mod follow;
pub(crate) mod images;
pub(crate) mod rehearse;
pub(crate) mod replace;
pub(crate) mod running;
pub(crate) mod storing;
pub(crate) mod verify;
mod verify_links;

use crate::context::Context;
use crate::layout::Layout;
use crate::plan::Undo;

pub(crate) use rehearse::start_failure;

/// Undoes a step from its record. Can be repeated, and tolerates that the step never had an effect.
pub(crate) async fn undo(
    ctx: &Context,
    layout: &Layout,
    run: &str,
    undo: &Undo,
) -> Result<(), String> {
    match undo {
        Undo::Nothing => Ok(()),
        Undo::Backup { folder } => backup::undo(ctx, layout, folder),
        Undo::Files { saved, written, folders } => {
            files::undo(ctx, layout, run, saved, written)?;
            // Only when no file of the run is in them any more.
            directories::undo(ctx, folders, &[])
        }
        Undo::Directories { made, by_engine } => directories::undo(ctx, made, by_engine),
        Undo::BuildTags { tags } => images::untag_all(ctx, layout, tags).await,
        Undo::Tags { before } => images::undo_tags(ctx, layout, before).await,
        Undo::Create { project, run, networks } => create::undo(ctx, project, run, networks).await,
        Undo::Replace { swaps } => replace::undo(ctx, run, swaps).await,
        Undo::Follow { followers, of } => follow::undo(ctx, followers, of).await,
        Undo::Running { project, containers } => running::undo(ctx, project, containers).await,
        Undo::Start { containers } => replace::undo_start(ctx, containers).await,
    }
}
