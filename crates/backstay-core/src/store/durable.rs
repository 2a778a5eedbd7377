//! [`Store`] on any file system: every write is temporary file, fsync, rename, fsync of the directory.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::files::FileSystem;
use crate::store::{Metadata, Owner, Staged, Store};

impl<F: FileSystem> Store for F {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open(path)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + Send>> {
        self.open_to_read(path)
    }

    fn write(&self, path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
        let mut staged = StagedFile::new(self, parent(path))?;
        staged.file.write_all(bytes)?;
        self.set_mode(&staged.file, mode, path)?;
        Box::new(staged).publish(path)
    }

    fn stage(&self, directory: &Path) -> io::Result<Box<dyn Staged + Send>> {
        Ok(Box::new(StagedFile::new(self, directory)?))
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let is_new = self.metadata(path)?.is_none();
        let mut file = self.open_to_append(path)?;
        file.write_all(bytes)?;
        self.sync_file(&file)?;
        if is_new { self.sync_dir(parent(path)) } else { Ok(()) }
    }

    fn truncate(&self, path: &Path, len: u64) -> io::Result<()> {
        let file = self.open_and_cut(path, len)?;
        self.sync_file(&file)
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        if self.leads_to_dir(path) {
            return Ok(());
        }
        let above = parent(path);
        if !above.as_os_str().is_empty() {
            self.create_dir(above)?;
        }
        match self.mkdir(path) {
            Err(error)
                if error.kind() == io::ErrorKind::AlreadyExists && self.leads_to_dir(path) =>
            {
                Ok(())
            }
            Err(error) => Err(error),
            Ok(()) => self.sync_dir(above),
        }
    }

    fn make_dir(&self, path: &Path, mode: u32, owner: Option<Owner>) -> io::Result<bool> {
        match self.mkdir(path) {
            Err(error)
                if error.kind() == io::ErrorKind::AlreadyExists && self.leads_to_dir(path) =>
            {
                return Ok(true);
            }
            other => other?,
        }
        let given = self.give_dir(path, mode, owner)?;
        self.sync_dir(path)?;
        self.sync_dir(parent(path))?;
        Ok(given)
    }

    fn remove_empty_dir(&self, path: &Path) -> io::Result<()> {
        use io::ErrorKind::{DirectoryNotEmpty, NotFound};
        match self.rmdir(path) {
            Err(error) if matches!(error.kind(), DirectoryNotEmpty | NotFound) => Ok(()),
            Err(error) => Err(error),
            Ok(()) => self.sync_dir(parent(path)),
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        if self.leads_to_dir(to) {
            return Err(io::Error::from(io::ErrorKind::AlreadyExists));
        }
        self.move_entry(from, to)?;
        self.sync_dir(parent(to))?;
        if parent(from) == parent(to) { Ok(()) } else { self.sync_dir(parent(from)) }
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        match self.unlink(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
            Ok(()) => self.sync_dir(parent(path)),
        }
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        match self.remove_tree(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
            Ok(()) => self.sync_dir(parent(path)),
        }
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let mut names = match self.names(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other?,
        };
        names.sort();
        Ok(names)
    }

    fn metadata(&self, path: &Path) -> io::Result<Option<Metadata>> {
        use io::ErrorKind::{NotADirectory, NotFound};
        match self.look(path) {
            Err(error) if matches!(error.kind(), NotFound | NotADirectory) => Ok(None),
            other => other.map(Some),
        }
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        self.real_path(path)
    }

    fn link(&self, to: &Path, path: &Path) -> io::Result<()> {
        self.make_link(to, path)?;
        self.sync_dir(parent(path))
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        self.link_target(path)
    }

    fn adopt(&self, path: &Path) -> io::Result<()> {
        self.take_in(path)
    }

    fn available(&self, path: &Path) -> io::Result<u64> {
        let mut place = path;
        while !self.leads_to_dir(place) && self.metadata(place)?.is_none() {
            place = place.parent().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        }
        self.space(if place.as_os_str().is_empty() { Path::new(".") } else { place })
    }
}

/// The folder that a path is in; empty for a bare name.
fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or_else(|| Path::new(""))
}

/// A file under a temporary name, which goes when it is dropped.
struct StagedFile<F: FileSystem> {
    files: F,
    file: F::File,
    path: PathBuf,
    is_published: bool,
}

impl<F: FileSystem> StagedFile<F> {
    fn new(files: &F, directory: &Path) -> io::Result<Self> {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        loop {
            let count = COUNTER.fetch_add(1, Ordering::Relaxed);
            let path = directory.join(format!(".backstay-{}-{count}.tmp", std::process::id()));
            match files.create_new(&path) {
                // Left behind by a process with the same id that lost power.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    files.unlink(&path)?;
                }
                other => {
                    return Ok(Self {
                        files: files.clone(),
                        file: other?,
                        path,
                        is_published: false,
                    });
                }
            }
        }
    }
}

impl<F: FileSystem> Write for StagedFile<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl<F: FileSystem> Staged for StagedFile<F> {
    fn publish(mut self: Box<Self>, path: &Path) -> io::Result<()> {
        self.files.sync_file(&self.file)?;
        self.files.move_entry(&self.path, path)?;
        self.is_published = true;
        self.files.sync_dir(parent(path))
    }
}

impl<F: FileSystem> Drop for StagedFile<F> {
    fn drop(&mut self) {
        if !self.is_published {
            let _ = self.files.unlink(&self.path);
        }
    }
}
