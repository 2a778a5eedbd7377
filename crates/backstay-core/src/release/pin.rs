//! Pinned backups: no rule removes them. A file beside the release says so, which is no part of it.

use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::ports::{EntryKind, Store};

/// Whether a backup is pinned.
#[must_use]
pub fn is_pinned(layout: &Layout, folder: &str, store: &dyn Store) -> bool {
    let found = store.metadata(&file(layout, folder));
    matches!(found, Ok(Some(found)) if found.kind == EntryKind::File)
}

/// Pins a backup, or gives it free. Can be repeated.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn pin(layout: &Layout, folder: &str, pinned: bool, store: &dyn Store) -> Result<()> {
    let file = file(layout, folder);
    if pinned == is_pinned(layout, folder, store) {
        return Ok(());
    }
    let done = if pinned { store.write(&file, b"\n", 0o600) } else { store.remove_file(&file) };
    done.map_err(|error| Error::io("writing", &file, error))
}

fn file(layout: &Layout, folder: &str) -> PathBuf {
    layout.backup(folder).join("pinned")
}
