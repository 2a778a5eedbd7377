//! Durable files: how the port is kept on any file system, and the file system of this machine.

mod disk;
mod durable;
mod files;
mod platform;

pub use disk::DiskStore;
pub use files::FileSystem;

use std::io;
use std::path::Path;

use crate::error::{Error, Result};

/// What was read; `None` where nothing is there or it belongs to somebody else. Both are as true at the next look,
/// while any other failure may be gone by then, and must not look like a change.
pub(crate) fn present<T>(read: io::Result<T>, path: &Path) -> Result<Option<T>> {
    match read {
        Ok(found) => Ok(Some(found)),
        Err(error) if is_lasting(error.kind()) => Ok(None),
        Err(error) => Err(Error::io("reading", path, error)),
    }
}

fn is_lasting(kind: io::ErrorKind) -> bool {
    use std::io::ErrorKind::{IsADirectory, NotADirectory, NotFound, PermissionDenied};
    matches!(kind, NotFound | PermissionDenied | NotADirectory | IsADirectory)
}
