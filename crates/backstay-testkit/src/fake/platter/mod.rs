//! What of a disk survives a loss of power: files that were fsynced, under names whose folder was fsynced.
//!
//! While a [`Platter`] lies under a machine's disk, the store of its processes is the core's own, on single operations of
//! a file system. Each of them changes the disk, and the platter keeps account of what is durable.

mod change;
mod cut;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk::{Disk, NodeKind};

pub use cut::Kept;

/// The durable part of a disk, and what is on its way there.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Platter {
    inodes: BTreeMap<u64, Inode>,
    /// Changes of names that no fsync of a folder has covered yet, oldest first.
    pending: Vec<Change>,
    serial: u64,
}

/// A file, a folder or a link, whatever its names are.
#[derive(Debug, Clone, PartialEq)]
struct Inode {
    body: Body,
    mode: u32,
    synced_mode: u32,
}

#[derive(Debug, Clone, PartialEq)]
enum Body {
    File { now: Arc<[u8]>, synced: Arc<[u8]> },
    Folder { now: BTreeMap<String, u64>, synced: BTreeMap<String, u64> },
    Link(PathBuf),
}

/// A change of names, as one transaction of the file system.
#[derive(Debug, Clone, PartialEq)]
struct Change {
    /// Name by name: the folder, the name, and what it leads to from now on.
    edits: Vec<(u64, String, Option<u64>)>,
}

const ROOT: u64 = 0;

impl Platter {
    /// The platter of a disk whose content is all durable.
    #[must_use]
    pub fn of(disk: &Disk) -> Self {
        let mut platter = Self::default();
        platter.inodes.insert(ROOT, Inode::folder(0o755));
        for (path, node) in &disk.nodes {
            let body = match &node.kind {
                NodeKind::File(bytes) => {
                    Body::File { now: Arc::clone(bytes), synced: Arc::clone(bytes) }
                }
                NodeKind::Directory => Inode::folder(node.mode).body,
                NodeKind::Link(to) => Body::Link(to.clone()),
            };
            platter.add(path, Inode::new(body, node.mode));
        }
        for change in std::mem::take(&mut platter.pending) {
            platter.settle(&change);
        }
        platter
    }

    fn find(&self, path: &Path) -> Option<u64> {
        let mut at = ROOT;
        for part in path.strip_prefix("/").ok()?.components() {
            let Body::Folder { now, .. } = &self.inodes.get(&at)?.body else { return None };
            at = *now.get(part.as_os_str().to_str()?)?;
        }
        Some(at)
    }
}

impl Inode {
    const fn new(body: Body, mode: u32) -> Self {
        Self { body, mode, synced_mode: mode }
    }

    const fn folder(mode: u32) -> Self {
        Self::new(Body::Folder { now: BTreeMap::new(), synced: BTreeMap::new() }, mode)
    }
}
