//! Pinned backups: no rule removes them. A file beside the release says so, which is no part of it.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::store::{EntryKind, Store};

/// The name of the file.
const NAME: &str = "pinned";

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
    if pinned {
        return pin_at(&layout.backup(folder), store);
    }
    store.remove_file(&file).map_err(|error| Error::io("writing", &file, error))
}

/// Pins what is to become a backup.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn pin_at(folder: &Path, store: &dyn Store) -> Result<()> {
    let file = folder.join(NAME);
    store.write(&file, b"\n", 0o600).map_err(|error| Error::io("writing", &file, error))
}

fn file(layout: &Layout, folder: &str) -> PathBuf {
    layout.backup(folder).join(NAME)
}
