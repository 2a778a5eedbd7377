//! One run per stack.

use std::any::Any;
use std::fs::{OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::Path;

use crate::error::{Error, Result};
pub use crate::holder::Holder;
use crate::store::damaged;

/// Takes locks.
pub trait Locks: Send + Sync {
    /// Takes the lock at `path` without waiting. It is released when the guard is dropped or the process ends.
    ///
    /// # Errors
    /// [`Error::Locked`] with who has it; [`Error::Io`].
    fn acquire(&self, path: &Path, holder: &Holder) -> Result<Guard>;

    /// Who holds the lock at `path`, if somebody does.
    ///
    /// # Errors
    /// [`Error::Io`].
    fn holder(&self, path: &Path) -> Result<Option<Holder>>;
}

/// A lock that is held.
pub struct Guard(#[allow(dead_code, reason = "held for its drop")] Box<dyn Any + Send>);

impl Guard {
    /// A guard that lets go when `held` is dropped.
    pub fn new(held: impl Any + Send) -> Self {
        Self(Box::new(held))
    }
}

/// How often a lock that is taken is tried again.
const LOOKS: usize = 50;

/// Locks of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct FileLocks;

impl Locks for FileLocks {
    fn acquire(&self, path: &Path, holder: &Holder) -> Result<Guard> {
        let io = |error| Error::io("locking", path, error);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600).custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
        }
        match std::fs::symlink_metadata(path) {
            Ok(found) if !found.is_file() => return Err(damaged(path, "it is not a file")),
            _ => {}
        }
        let is_new = !path.exists();
        let mut file = options.open(path).map_err(io)?;
        if is_new {
            crate::store::settle(path).map_err(io)?;
        }
        // Somebody may just be looking who has it.
        let mut tries = LOOKS;
        let mut locked = file.try_lock();
        while matches!(locked, Err(TryLockError::WouldBlock)) && tries > 0 {
            std::thread::yield_now();
            locked = file.try_lock();
            tries -= 1;
        }
        match locked {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                // Windows lets nobody read a locked file; then only that there is somebody is known.
                let mut text = String::new();
                let _ = file.read_to_string(&mut text);
                return Err(Error::Locked(Holder::read(&text)));
            }
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        let text = serde_json::to_vec(holder).unwrap_or_default();
        file.set_len(0).and_then(|()| file.write_all(&text)).map_err(io)?;
        Ok(Guard::new(file))
    }

    fn holder(&self, path: &Path) -> Result<Option<Holder>> {
        holder(path)
    }
}

/// Who holds the lock at `path` at this moment, if somebody does. Nothing is taken for longer than this look.
///
/// # Errors
/// [`Error::Io`] when the file is there and can't be read.
pub fn holder(path: &Path) -> Result<Option<Holder>> {
    match std::fs::symlink_metadata(path) {
        // A link could lead anywhere, and a pipe would block.
        Ok(found) if !found.is_file() => return Err(damaged(path, "it is not a file")),
        _ => {}
    }
    let mut file = match OpenOptions::new().read(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("reading", path, error)),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            let _ = file.read_to_string(&mut text);
            Ok(Some(Holder::read(&text)))
        }
        Err(TryLockError::Error(error)) => Err(Error::io("locking", path, error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_one_learns_who_has_it_and_a_dropped_lock_is_free() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let first = Holder {
            pid: 7,
            host: "h".into(),
            command: "backstay deploy".into(),
            since: "now".into(),
        };
        assert_eq!(holder(&path).unwrap(), None);
        let guard = FileLocks.acquire(&path, &first).unwrap();
        assert_eq!(holder(&path).unwrap(), Some(first.clone()));
        match FileLocks.acquire(&path, &first) {
            Err(Error::Locked(holder)) => assert_eq!(holder, first),
            _ => panic!("two have the lock"),
        }
        drop(guard);
        assert_eq!(holder(&path).unwrap(), None);
        FileLocks.acquire(&path, &first).unwrap();
    }
}
