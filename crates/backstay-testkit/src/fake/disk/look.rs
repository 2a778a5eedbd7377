//! Reading a disk.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use backstay_core::ports::{EntryKind, Metadata};

use super::{Disk, Node, NodeKind, not_found};
use crate::fake::wall::wall;

impl Disk {
    /// Whether a path is a directory.
    #[must_use]
    pub fn is_dir(&self, path: &Path) -> bool {
        path == Path::new("/")
            || self.nodes.get(path).is_some_and(|node| node.kind == NodeKind::Directory)
    }

    /// A file's bytes.
    ///
    /// # Errors
    /// As a real disk, with links not followed.
    pub fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.nodes.get(path).map(|node| &node.kind) {
            Some(NodeKind::File(bytes)) => Ok(bytes.to_vec()),
            Some(NodeKind::Directory) => Err(io::Error::from(io::ErrorKind::IsADirectory)),
            Some(NodeKind::Link(_)) => Err(io::Error::other("too many levels of symbolic links")),
            None => Err(not_found()),
        }
    }

    /// A file's bytes as text; `None` where there is no such file.
    #[must_use]
    pub fn text(&self, path: &Path) -> Option<String> {
        self.read(path).ok().map(|bytes| super::text(&bytes))
    }

    /// Where a link leads.
    ///
    /// # Errors
    /// When there is nothing, or no link.
    pub fn link_target(&self, path: &Path) -> io::Result<PathBuf> {
        match self.nodes.get(path).map(|node| &node.kind) {
            Some(NodeKind::Link(to)) => Ok(to.clone()),
            Some(_) => Err(io::Error::from(io::ErrorKind::InvalidInput)),
            None => Err(not_found()),
        }
    }

    /// What a path is.
    #[must_use]
    pub fn metadata(&self, path: &Path) -> Option<Metadata> {
        let node = self.nodes.get(path)?;
        let (kind, len) = match &node.kind {
            NodeKind::File(bytes) => (EntryKind::File, bytes.len() as u64),
            NodeKind::Directory => (EntryKind::Directory, 0),
            NodeKind::Link(to) => (EntryKind::Link, to.as_os_str().len() as u64),
        };
        Some(Metadata { kind, len, mode: node.mode, modified: wall(node.modified), owner: None })
    }

    /// The names in a directory, sorted.
    ///
    /// # Errors
    /// When the path is not a directory; one that does not exist has no names.
    pub fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        if self.nodes.contains_key(path) && !self.is_dir(path) {
            return Err(io::Error::from(io::ErrorKind::NotADirectory));
        }
        let names = self.nodes.keys().filter(|node| node.parent() == Some(path));
        let names = names.filter_map(|node| Some(node.file_name()?.to_str()?.to_owned()));
        Ok(names.collect())
    }

    /// The paths that are not what they are on another disk; when they were written does not count.
    #[must_use]
    pub fn changed_paths(&self, other: &Self) -> Vec<PathBuf> {
        let same = |one: Option<&Node>, other: Option<&Node>| {
            one.map(|node| (&node.kind, node.mode)) == other.map(|node| (&node.kind, node.mode))
        };
        let paths: BTreeSet<&PathBuf> = self.nodes.keys().chain(other.nodes.keys()).collect();
        let changed = paths.into_iter().filter(|p| !same(self.nodes.get(*p), other.nodes.get(*p)));
        changed.cloned().collect()
    }

    /// Bytes that are free.
    #[must_use]
    pub fn available(&self) -> u64 {
        self.capacity.map_or(1 << 40, |capacity| capacity.saturating_sub(self.used()))
    }

    /// Bytes that files hold.
    #[must_use]
    pub fn used(&self) -> u64 {
        let sizes = self.nodes.values().map(|node| match &node.kind {
            NodeKind::File(bytes) => bytes.len() as u64,
            _ => 0,
        });
        sizes.sum()
    }
}
