//! A disk in memory: files, directories and links with permission bits.

mod change;
mod look;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// A disk. The root is always there; every other path has a parent that is a directory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Disk {
    /// What is where, by absolute path.
    pub nodes: BTreeMap<PathBuf, Node>,
    /// How many bytes files may have in all; `None` for no limit.
    pub capacity: Option<u64>,
    /// Folders in which nothing can be changed.
    pub read_only: Vec<PathBuf>,
    /// Names temporary files.
    serial: u64,
}

/// An entry of a disk.
#[derive(Clone, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Its permission bits.
    pub mode: u32,
    /// When it was written, in virtual time.
    pub modified: Duration,
}

/// Kinds of entries with what they hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeKind {
    /// A file with these bytes.
    File(Arc<[u8]>),
    /// A directory.
    Directory,
    /// A symbolic link to this path.
    Link(PathBuf),
}

impl std::fmt::Debug for Node {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.kind {
            NodeKind::File(bytes) => write!(out, "{:o} {:?}", self.mode, text(bytes)),
            NodeKind::Directory => write!(out, "{:o} directory", self.mode),
            NodeKind::Link(to) => write!(out, "-> {}", to.display()),
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn not_found() -> io::Error {
    io::Error::from(io::ErrorKind::NotFound)
}

/// The folder that a path is in.
fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or_else(|| Path::new("/"))
}
