//! A private folder for the life of one call: a socket, an override file.
//!
//! A process that is killed leaves its folder behind. Each folder holds a file that its owner keeps locked, so that a later
//! process can tell the abandoned ones and remove them.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const PREFIX: &str = "backstay-scratch-";
const LOCK: &str = "lock";

/// A folder of mode 0700 that goes when this is dropped.
pub(crate) struct Scratch {
    path: PathBuf,
    lock: Option<File>,
}

impl Scratch {
    /// Makes one.
    pub(crate) fn new() -> io::Result<Self> {
        Self::new_in(&std::env::temp_dir())
    }

    fn new_in(parent: &Path) -> io::Result<Self> {
        let folder = private(parent)?;
        let lock = new_file(&folder.path().join(LOCK))?;
        lock.try_lock().map_err(io::Error::from)?;
        // It gets the name that others sweep only once it is locked.
        let random = folder.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
        let path = parent.join(random.replacen(".new-", PREFIX, 1));
        if cfg!(windows) {
            return Ok(Self { path: folder.keep(), lock: Some(lock) });
        }
        fs::rename(folder.path(), &path)?;
        let _ = folder.keep();
        Ok(Self { path, lock: Some(lock) })
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file into it that only its owner can read.
    pub(crate) fn write(&self, name: &str, text: &str) -> io::Result<PathBuf> {
        let path = self.path.join(name);
        new_file(&path)?.write_all(text.as_bytes())?;
        Ok(path)
    }

    /// Removes what processes that are gone left behind.
    pub(crate) fn sweep() {
        Self::sweep_in(&std::env::temp_dir());
    }

    fn sweep_in(parent: &Path) {
        let entries = fs::read_dir(parent).into_iter().flatten().flatten();
        for entry in entries.filter(|e| e.file_name().to_string_lossy().starts_with(PREFIX)) {
            let folder = entry.path();
            // A link is none of ours: following it could remove what it leads to.
            if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                continue;
            }
            let Ok(lock) = File::open(folder.join(LOCK)) else { continue };
            if let Err(TryLockError::WouldBlock | TryLockError::Error(_)) = lock.try_lock() {
                continue;
            }
            let _ = fs::remove_dir_all(&folder);
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if cfg!(windows) {
            self.lock = None;
        }
        let _ = fs::remove_dir_all(&self.path);
        self.lock = None;
    }
}

fn new_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn private(parent: &Path) -> io::Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".new-").rand_bytes(8);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir_in(parent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_abandoned_folder_is_swept_and_a_live_one_is_not() {
        let parent = tempfile::tempdir().unwrap();
        let live = Scratch::new_in(parent.path()).unwrap();
        let mut dead = Scratch::new_in(parent.path()).unwrap();
        dead.lock = None;
        let abandoned = dead.path.clone();
        std::mem::forget(dead);
        Scratch::sweep_in(parent.path());
        assert!(live.path().exists() && !abandoned.exists());
        drop(live);
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_enter() {
        use std::os::unix::fs::PermissionsExt;
        let parent = tempfile::tempdir().unwrap();
        let scratch = Scratch::new_in(parent.path()).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(scratch.path()), 0o700);
        let file = scratch.write("override.yml", "x: 1").unwrap();
        assert_eq!((mode(&file), mode(&scratch.path().join(LOCK))), (0o600, 0o600));
        assert!(scratch.write("override.yml", "x: 2").is_err(), "nobody's file is written to");
    }
}
