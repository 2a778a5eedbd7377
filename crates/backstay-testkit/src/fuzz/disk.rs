//! The smallest disk that can be read from and appended to. The one of the fakes takes longer to build and to call.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use backstay_core::ports::{EntryKind, Metadata, Owner, Staged, Store};

/// Files by their paths; folders are there as soon as something is in them.
#[derive(Debug, Default)]
struct Disk(Mutex<BTreeMap<PathBuf, Vec<u8>>>);

/// A disk with these files.
pub(super) fn disk(files: &[(&Path, &[u8])]) -> Arc<dyn Store> {
    let files = files.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec()));
    Arc::new(Disk(Mutex::new(files.collect())))
}

impl Disk {
    fn files(&self) -> MutexGuard<'_, BTreeMap<PathBuf, Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files().get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(Cursor::new(self.read(path)?)))
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.files().entry(path.to_owned()).or_default().extend_from_slice(bytes);
        Ok(())
    }

    fn truncate(&self, path: &Path, len: u64) -> io::Result<()> {
        let len = usize::try_from(len).map_err(io::Error::other)?;
        self.files().entry(path.to_owned()).or_default().truncate(len);
        Ok(())
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let files = self.files();
        let below = files.keys().filter_map(|file| file.strip_prefix(path).ok()?.iter().next());
        let mut names: Vec<String> =
            below.map(|name| name.to_string_lossy().into_owned()).collect();
        names.dedup();
        Ok(names)
    }

    fn metadata(&self, path: &Path) -> io::Result<Option<Metadata>> {
        let files = self.files();
        let found = files.get(path).map(|bytes| (EntryKind::File, bytes.len() as u64));
        let folder = || files.keys().any(|file| file.starts_with(path));
        let found = found.or_else(|| folder().then_some((EntryKind::Directory, 0)));
        Ok(found.map(|(kind, len)| Metadata {
            kind,
            len,
            mode: 0o600,
            modified: SystemTime::UNIX_EPOCH,
            owner: None,
        }))
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(path.to_owned())
    }

    fn available(&self, _: &Path) -> io::Result<u64> {
        Ok(u64::MAX)
    }

    // No target does any of these.

    fn write(&self, _: &Path, _: &[u8], _: u32) -> io::Result<()> {
        unsupported()
    }

    fn stage(&self, _: &Path) -> io::Result<Box<dyn Staged + Send>> {
        unsupported()
    }

    fn link(&self, _: &Path, _: &Path) -> io::Result<()> {
        unsupported()
    }

    fn read_link(&self, _: &Path) -> io::Result<PathBuf> {
        Err(io::ErrorKind::InvalidInput.into())
    }

    fn adopt(&self, _: &Path) -> io::Result<()> {
        unsupported()
    }

    fn create_dir(&self, _: &Path) -> io::Result<()> {
        unsupported()
    }

    fn make_dir(&self, _: &Path, _: u32, _: Option<Owner>) -> io::Result<bool> {
        unsupported()
    }

    fn remove_empty_dir(&self, _: &Path) -> io::Result<()> {
        unsupported()
    }

    fn rename(&self, _: &Path, _: &Path) -> io::Result<()> {
        unsupported()
    }

    fn remove_file(&self, _: &Path) -> io::Result<()> {
        unsupported()
    }

    fn remove_dir(&self, _: &Path) -> io::Result<()> {
        unsupported()
    }
}

fn unsupported<T>() -> io::Result<T> {
    Err(io::ErrorKind::Unsupported.into())
}
