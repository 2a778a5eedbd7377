//! Reading what may not be there, or may not be ours.

use std::io;
use std::path::Path;

use crate::error::{Error, Result};
use crate::store::Store;

/// What was read; `None` where nothing is there or it belongs to somebody else. Both are as true at the next look,
/// while any other failure may be gone by then, and must not look like a change.
pub(crate) fn present<T>(read: io::Result<T>, path: &Path) -> Result<Option<T>> {
    match read {
        Ok(found) => Ok(Some(found)),
        Err(error) if is_lasting(error.kind()) => Ok(None),
        Err(error) => Err(Error::io("reading", path, error)),
    }
}

/// The content of a file, followed through links.
pub(crate) fn read_through(path: &Path, store: &dyn Store) -> Result<Option<Vec<u8>>> {
    let Some(place) = present(store.resolve(path), path)? else { return Ok(None) };
    present(store.read(&place), path)
}

/// The same as text.
pub(crate) fn text_through(path: &Path, store: &dyn Store) -> Result<Option<String>> {
    let bytes = read_through(path, store)?;
    Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

fn is_lasting(kind: io::ErrorKind) -> bool {
    use std::io::ErrorKind::{IsADirectory, NotADirectory, NotFound, PermissionDenied};
    matches!(kind, NotFound | PermissionDenied | NotADirectory | IsADirectory)
}
