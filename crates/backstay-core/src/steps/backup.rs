//! Saving what runs: its record under `.backup/<time>/`.

use crate::run::Run;
use std::collections::BTreeSet;
use std::path::PathBuf;

use super::trouble::Trouble;
use super::{Site, put_back};
use crate::context::Context;
use crate::data;
use crate::event::{Event, Failure, Note};
use crate::layout::Layout;
use crate::observed::{Observed, Snapshot};
use crate::release::{Catalog, discard, write_release};

/// Writes the backup; for an update's, with its services.
pub(crate) fn apply(
    ctx: &Context,
    layout: &Layout,
    folder: &str,
    snapshot: &Snapshot,
    services: Option<&BTreeSet<String>>,
) -> Result<(), Failure> {
    let Snapshot { release, files, containers, model } = snapshot;
    let services: Option<Vec<String>> = services.map(|names| names.iter().cloned().collect());
    let path = layout.backup(folder);
    let services = services.as_deref();
    write_release(&path, release.clone(), files, containers, model, services, &*ctx.store)?;
    ctx.reporter.report(&Event::Note { note: Note::BackupMade { folder: folder.to_owned() } });
    Ok(())
}

/// Removes the backup, unless data is in it that did not come back.
pub(super) fn undo(site: Site<'_>, folder: &str) -> Result<(), Trouble> {
    if put_back::stays(site, folder)? {
        return Ok(());
    }
    Ok(discard(site.layout, folder, &*site.ctx.store)?)
}

/// The folder for a recorded release whose containers somebody replaced from outside: what runs now is another one, and is
/// saved beside it. `None` where there is none, or where it is kept already.
pub(crate) fn folder_of_superseded(
    ctx: &Context,
    catalog: &Catalog,
    observed: &Observed,
) -> Option<String> {
    let id = &observed.superseded.as_ref()?.release.id;
    let mut kept = catalog.entries.iter().filter_map(|entry| entry.release());
    kept.all(|folder| &folder.release.id != id).then(|| catalog.free_name_before(&*ctx.clock))
}

/// Keeps such a release.
pub(crate) fn keep_superseded(
    ctx: &Context,
    layout: &Layout,
    folder: &str,
    observed: &Observed,
) -> Result<(), Failure> {
    let Some(superseded) = &observed.superseded else { return Ok(()) };
    let store = &*ctx.store;
    let snapshot = crate::observed::recorded(superseded, store)?;
    let Snapshot { release, files, containers, model } = &snapshot;
    write_release(&layout.backup(folder), release.clone(), files, containers, model, None, store)?;
    Ok(())
}

/// After the commit: where nothing has changed, a backup would only say again what runs.
pub(super) fn finish(run: &Run<'_>, folder: &str) -> crate::error::Result<()> {
    let path = run.layout.backup(folder);
    let is_double = run.state.release == run.state.previous && folder.ends_with(&run.state.run);
    // Data goes on though the release is the same.
    let places = [path, put_back::kept_at(&run.layout, &run.state.run)];
    // A record that can't be read just now is one.
    let has_data = |place: &PathBuf| !matches!(data::read(place, &*run.ctx.store), Ok(None));
    if is_double && !places.iter().any(has_data) {
        discard(&run.layout, folder, &*run.ctx.store)?;
    }
    Ok(())
}

/// What a person does instead.
pub(super) fn by_hand(folder: &str) -> String {
    format!("rm -r .backup/{folder}")
}
