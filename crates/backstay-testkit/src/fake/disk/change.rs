//! Changing a disk.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Disk, Node, NodeKind, not_found, parent};

impl Disk {
    /// Puts a file there, replacing a file or a link.
    ///
    /// # Errors
    /// Without a folder for it, with a directory in the way, on a full or read-only disk.
    pub fn put(&mut self, path: &Path, bytes: &[u8], mode: u32, now: Duration) -> io::Result<()> {
        self.check(path)?;
        if self.is_dir(path) {
            return Err(io::Error::from(io::ErrorKind::IsADirectory));
        }
        if bytes.len() as u64 > self.available() {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        self.set(path, NodeKind::File(bytes.into()), mode, now);
        Ok(())
    }

    /// Puts a symbolic link there.
    ///
    /// # Errors
    /// Without a folder for it.
    pub fn link(&mut self, path: &Path, to: &Path, now: Duration) -> io::Result<()> {
        self.check(path)?;
        self.set(path, NodeKind::Link(to.to_owned()), 0o777, now);
        Ok(())
    }

    /// Appends, creating the file with mode 0600.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub fn append(&mut self, path: &Path, bytes: &[u8], now: Duration) -> io::Result<()> {
        self.check(path)?;
        let (mut all, mode) = match self.nodes.get(path) {
            None => (Vec::new(), 0o600),
            Some(node) => (self.read(path)?, node.mode),
        };
        if bytes.len() as u64 > self.available() {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        all.extend_from_slice(bytes);
        self.set(path, NodeKind::File(all.into()), mode, now);
        Ok(())
    }

    /// Cuts a file, or fills it up with zeros, to this length.
    ///
    /// # Errors
    /// When it is not a file.
    pub fn truncate(&mut self, path: &Path, len: u64, now: Duration) -> io::Result<()> {
        self.check(path)?;
        let mut bytes = self.read(path)?;
        bytes.resize(usize::try_from(len).map_err(io::Error::other)?, 0);
        let mode = self.nodes.get(path).map_or(0o600, |node| node.mode);
        self.set(path, NodeKind::File(bytes.into()), mode, now);
        Ok(())
    }

    /// Creates a directory and those above it.
    ///
    /// # Errors
    /// When something else is in the way.
    pub fn create_dir(&mut self, path: &Path, mode: u32, now: Duration) -> io::Result<()> {
        if self.is_dir(path) {
            return Ok(());
        }
        if self.nodes.contains_key(path) {
            return Err(io::Error::from(io::ErrorKind::AlreadyExists));
        }
        self.create_dir(parent(path), mode, now)?;
        self.check(path)?;
        self.set(path, NodeKind::Directory, mode, now);
        Ok(())
    }

    /// Creates one directory. One that is there is fine.
    ///
    /// # Errors
    /// Without a folder for it, or when something else is in the way.
    pub fn make_dir(&mut self, path: &Path, mode: u32, now: Duration) -> io::Result<()> {
        if self.is_dir(path) {
            return Ok(());
        }
        if self.nodes.contains_key(path) {
            return Err(io::Error::from(io::ErrorKind::AlreadyExists));
        }
        self.check(path)?;
        self.set(path, NodeKind::Directory, mode, now);
        Ok(())
    }

    /// Removes a directory that is empty. One that is not there, or not empty, is fine.
    ///
    /// # Errors
    /// When it is not a directory.
    pub fn remove_empty_dir(&mut self, path: &Path) -> io::Result<()> {
        if self.nodes.contains_key(path) && self.list(path)?.is_empty() {
            self.check(path)?;
            self.nodes.remove(path);
        }
        Ok(())
    }

    /// Renames a file, a link or a directory with all in it.
    ///
    /// # Errors
    /// When there is nothing, or a directory is in the way.
    pub fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.check(from)?;
        self.check(to)?;
        if !self.nodes.contains_key(from) {
            return Err(not_found());
        }
        if self.is_dir(to) {
            return Err(io::Error::from(io::ErrorKind::AlreadyExists));
        }
        let moved: Vec<PathBuf> =
            self.nodes.keys().filter(|path| path.starts_with(from)).cloned().collect();
        for path in moved {
            if let (Some(node), Ok(rest)) = (self.nodes.remove(&path), path.strip_prefix(from)) {
                let new = if rest.as_os_str().is_empty() { to.to_owned() } else { to.join(rest) };
                self.nodes.insert(new, node);
            }
        }
        Ok(())
    }

    /// Removes a file or a link.
    ///
    /// # Errors
    /// When it is a directory.
    pub fn remove_file(&mut self, path: &Path) -> io::Result<()> {
        if self.is_dir(path) {
            return Err(io::Error::from(io::ErrorKind::IsADirectory));
        }
        if self.nodes.contains_key(path) {
            self.check(path)?;
            self.nodes.remove(path);
        }
        Ok(())
    }

    /// Removes a directory with all in it; with `half`, only the first half of what is in it.
    ///
    /// # Errors
    /// When it is not a directory.
    pub fn remove_dir(&mut self, path: &Path, half: bool) -> io::Result<()> {
        if !self.nodes.contains_key(path) {
            return Ok(());
        }
        self.check(path)?;
        if !self.is_dir(path) {
            return Err(io::Error::from(io::ErrorKind::NotADirectory));
        }
        // Deepest first, so that a part of it is still a tree.
        let inside: Vec<PathBuf> =
            self.nodes.keys().rev().filter(|inner| inner.starts_with(path)).cloned().collect();
        let count = if half { inside.len() / 2 } else { inside.len() };
        for inner in inside.iter().take(count) {
            self.nodes.remove(inner);
        }
        Ok(())
    }

    /// A name for a temporary file in a directory.
    pub(in crate::fake) fn temporary(&mut self, directory: &Path) -> PathBuf {
        self.serial += 1;
        directory.join(format!(".backstay-1-{}.tmp", self.serial))
    }

    fn set(&mut self, path: &Path, kind: NodeKind, mode: u32, now: Duration) {
        self.nodes.insert(path.to_owned(), Node { kind, mode, modified: now });
    }

    fn check(&self, path: &Path) -> io::Result<()> {
        if self.read_only.iter().any(|folder| path.starts_with(folder)) {
            return Err(io::Error::from(io::ErrorKind::ReadOnlyFilesystem));
        }
        let above = parent(path);
        match self.is_dir(above) {
            true => Ok(()),
            false if self.nodes.contains_key(above) => {
                Err(io::Error::from(io::ErrorKind::NotADirectory))
            }
            false => Err(not_found()),
        }
    }
}
