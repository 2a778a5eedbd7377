//! Files and folders of our own: what is under `.backup/` is a regular file or a folder. A link could lead anywhere, a pipe
//! could block.

use std::path::{Component, Path, PathBuf};

use crate::error::{Error, Result};
use crate::store::{EntryKind, Store};

/// The content of a file that has to be there.
///
/// # Errors
/// [`Error::Damaged`] where it is not there or something else is, [`Error::Io`].
pub(crate) fn own_file(path: &Path, store: &dyn Store) -> Result<Vec<u8>> {
    expect_file(path, store)?;
    store.read(path).map_err(|error| Error::io("reading", path, error))
}

/// A regular file has to be there.
///
/// # Errors
/// As [`own_file`].
pub(crate) fn expect_file(path: &Path, store: &dyn Store) -> Result<()> {
    match kind(path, store)? {
        Some(EntryKind::File) => Ok(()),
        Some(EntryKind::Directory) => Err(damaged(path, "it is a folder")),
        Some(EntryKind::Link) => Err(damaged(path, "it is a link")),
        Some(EntryKind::Other) => Err(damaged(path, "it is not a file")),
        None => Err(damaged(path, "it is missing")),
    }
}

/// No folder may be there: a file could not take its place.
///
/// # Errors
/// [`Error::Damaged`], [`Error::Io`].
pub(crate) fn expect_no_folder(path: &Path, store: &dyn Store) -> Result<()> {
    match kind(path, store)? {
        Some(EntryKind::Directory) => Err(damaged(path, "it is a folder")),
        _ => Ok(()),
    }
}

/// Whether a folder is there.
///
/// # Errors
/// [`Error::Damaged`] where something else is, [`Error::Io`].
pub(crate) fn own_folder(path: &Path, store: &dyn Store) -> Result<bool> {
    match kind(path, store)? {
        Some(EntryKind::Directory) => Ok(true),
        Some(EntryKind::Link) => Err(damaged(path, "it is a link")),
        Some(_) => Err(damaged(path, "it is not a folder")),
        None => Ok(false),
    }
}

/// What is wrong with a folder that all that is kept shares, where it is there: a link is told as one.
pub(crate) fn flaw_of_folder(path: &Path, store: &dyn Store) -> Option<Error> {
    match kind(path, store) {
        Ok(None | Some(EntryKind::Directory)) => None,
        Ok(Some(EntryKind::Link)) => Some(Error::Linked(path.to_owned())),
        Ok(Some(_)) => Some(damaged(path, "it is not a folder")),
        Err(error) => Some(error),
    }
}

/// Whether anything is there.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn is_there(path: &Path, store: &dyn Store) -> Result<bool> {
    Ok(kind(path, store)?.is_some())
}

/// `root/name`, when that is below `root` and no link is on the way to it.
///
/// # Errors
/// [`Error::Outside`], [`Error::Damaged`] for a link, [`Error::Io`].
pub(crate) fn own_place(root: &Path, name: &str, store: &dyn Store) -> Result<PathBuf> {
    let place = contained(root, name)?;
    let mut above = root.to_owned();
    for part in Path::new(name).parent().into_iter().flat_map(Path::iter) {
        above.push(part);
        own_folder(&above, store)?;
    }
    Ok(place)
}

/// `root/name`, when that is below `root`.
///
/// # Errors
/// [`Error::Outside`].
pub(crate) fn contained(root: &Path, name: &str) -> Result<PathBuf> {
    let relative = Path::new(name);
    if name.is_empty() || !relative.components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(Error::Outside { path: root.join(name), root: root.to_owned() });
    }
    Ok(root.join(relative))
}

pub(crate) fn damaged(path: &Path, problem: impl Into<String>) -> Error {
    Error::Damaged { file: path.to_owned(), problem: problem.into() }
}

fn kind(path: &Path, store: &dyn Store) -> Result<Option<EntryKind>> {
    let found = store.metadata(path).map_err(|error| Error::io("reading", path, error))?;
    Ok(found.map(|found| found.kind))
}
