//! [`Store`] on the file system: every write is temporary file, fsync, rename, fsync of the directory.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::platform;
use crate::ports::{EntryKind, Metadata, Owner, Staged, Store};

/// The file system of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct DiskStore;

impl Store for DiskStore {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open(path)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + Send>> {
        let file = platform::no_follow(OpenOptions::new().read(true)).open(path)?;
        if file.metadata()?.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory));
        }
        Ok(Box::new(file))
    }

    fn write(&self, path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
        let mut staged = StagedFile::new(parent(path))?;
        staged.write_all(bytes)?;
        let old = fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file);
        platform::set_mode(&staged.file, mode, old.as_ref())?;
        Box::new(staged).publish(path)
    }

    fn stage(&self, directory: &Path) -> io::Result<Box<dyn Staged + Send>> {
        Ok(Box::new(StagedFile::new(directory)?))
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let is_new = !path.try_exists()?;
        let mut options = OpenOptions::new();
        platform::no_follow(platform::private(options.append(true).create(true)));
        let mut file = options.open(path)?;
        file.write_all(bytes)?;
        file.sync_data()?;
        if is_new { platform::sync_dir(parent(path)) } else { Ok(()) }
    }

    fn truncate(&self, path: &Path, len: u64) -> io::Result<()> {
        let file = platform::no_follow(OpenOptions::new().write(true)).open(path)?;
        file.set_len(len)?;
        file.sync_all()
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        if path.is_dir() {
            return Ok(());
        }
        let above = parent(path);
        if !above.as_os_str().is_empty() {
            self.create_dir(above)?;
        }
        match platform::private_dir(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
            Err(error) => Err(error),
            Ok(()) => platform::sync_dir(above),
        }
    }

    fn make_dir(&self, path: &Path, mode: u32, owner: Option<Owner>) -> io::Result<bool> {
        match platform::private_dir(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {
                return Ok(true);
            }
            other => other?,
        }
        let given = platform::give(path, mode, owner)?;
        platform::sync_dir(parent(path))?;
        Ok(given)
    }

    fn remove_empty_dir(&self, path: &Path) -> io::Result<()> {
        use io::ErrorKind::{DirectoryNotEmpty, NotFound};
        match fs::remove_dir(path) {
            Err(error) if matches!(error.kind(), DirectoryNotEmpty | NotFound) => Ok(()),
            Err(error) => Err(error),
            Ok(()) => platform::sync_dir(parent(path)),
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        if to.is_dir() {
            return Err(io::Error::from(io::ErrorKind::AlreadyExists));
        }
        fs::rename(from, to)?;
        platform::sync_dir(parent(to))?;
        if parent(from) == parent(to) { Ok(()) } else { platform::sync_dir(parent(from)) }
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
            Ok(()) => platform::sync_dir(parent(path)),
        }
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        match fs::remove_dir_all(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
            Ok(()) => platform::sync_dir(parent(path)),
        }
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other?,
        };
        let mut names = Vec::new();
        for entry in entries {
            // A name that is not UTF-8 is none of ours.
            names.extend(entry?.file_name().into_string().ok());
        }
        names.sort();
        Ok(names)
    }

    fn metadata(&self, path: &Path) -> io::Result<Option<Metadata>> {
        let found = match fs::symlink_metadata(path) {
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                return Ok(None);
            }
            other => other?,
        };
        let kind = match found.file_type() {
            kind if kind.is_file() => EntryKind::File,
            kind if kind.is_dir() => EntryKind::Directory,
            kind if kind.is_symlink() => EntryKind::Link,
            _ => EntryKind::Other,
        };
        Ok(Some(Metadata {
            kind,
            len: found.len(),
            mode: platform::mode(&found),
            modified: found.modified()?,
            owner: platform::owner(&found),
        }))
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        fs::canonicalize(path)
    }

    fn available(&self, path: &Path) -> io::Result<u64> {
        let mut place = path;
        while !place.exists() {
            place = place.parent().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        }
        platform::available(if place.as_os_str().is_empty() { Path::new(".") } else { place })
    }
}

/// The folder that a path is in; empty for a bare name.
fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or_else(|| Path::new(""))
}

/// A file under a temporary name, which goes when it is dropped.
struct StagedFile {
    file: File,
    path: PathBuf,
}

impl StagedFile {
    fn new(directory: &Path) -> io::Result<Self> {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        loop {
            let count = COUNTER.fetch_add(1, Ordering::Relaxed);
            let path = directory.join(format!(".backstay-{}-{count}.tmp", std::process::id()));
            let mut options = OpenOptions::new();
            match platform::private(options.write(true).create_new(true)).open(&path) {
                // Left behind by a process with the same id that lost power.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    fs::remove_file(&path)?
                }
                other => return Ok(Self { file: other?, path }),
            }
        }
    }
}

impl Write for StagedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Staged for StagedFile {
    fn publish(self: Box<Self>, path: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.path, path)?;
        platform::sync_dir(parent(path))
    }
}

impl Drop for StagedFile {
    fn drop(&mut self) {
        // After `publish` the name is gone and this does nothing.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_replaces_the_whole_file_and_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        DiskStore.write(&path, b"one", 0o600).unwrap();
        DiskStore.write(&path, b"2", 0o640).unwrap();
        assert_eq!(DiskStore.read(&path).unwrap(), b"2");
        assert_eq!(DiskStore.list(dir.path()).unwrap(), ["a"]);
        #[cfg(unix)]
        assert_eq!(DiskStore.metadata(&path).unwrap().unwrap().mode, 0o640);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink("/etc/hostname", &link).unwrap();
        assert!(DiskStore.read(&link).is_err());
        assert!(DiskStore.append(&link, b"x").is_err());
        assert_eq!(DiskStore.metadata(&link).unwrap().unwrap().kind, EntryKind::Link);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_created_is_private() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("x/y");
        DiskStore.create_dir(&folder).unwrap();
        DiskStore.append(&folder.join("j"), b"1\n").unwrap();
        DiskStore.append(&folder.join("j"), b"2\n").unwrap();
        assert_eq!(DiskStore.metadata(&dir.path().join("x")).unwrap().unwrap().mode, 0o700);
        assert_eq!(DiskStore.metadata(&folder.join("j")).unwrap().unwrap().mode, 0o600);
        assert_eq!(DiskStore.read(&folder.join("j")).unwrap(), b"1\n2\n");
    }
}
