//! The folders of a stack's state that all releases share. None of them may be a link: what is kept would be written, and
//! removed, where it leads.

use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::store::{Store, flaw_of_folder};

/// All of them are folders, or not there yet.
///
/// # Errors
/// [`Error::Linked`], [`Error::Damaged`] for what is no folder, [`Error::Io`].
pub(crate) fn check_premises(layout: &Layout, store: &dyn Store) -> Result<()> {
    flaws(layout, store).into_iter().next().map_or(Ok(()), Err)
}

/// What is wrong with them.
pub(crate) fn flaws(layout: &Layout, store: &dyn Store) -> Vec<Error> {
    let vault = layout.vault();
    let folders = [
        layout.root().to_owned(),
        layout.backups(),
        layout.journals(),
        vault.clone(),
        vault.join("images"),
        vault.join("blobs"),
        vault.join("blobs").join("sha256"),
    ];
    folders.iter().filter_map(|path| flaw_of_folder(path, store)).collect()
}
