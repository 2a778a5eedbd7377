//! What changes on a platter, and what makes it durable.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::{Body, Change, Inode, Platter};
use crate::fake::disk::Node;
use crate::fake::disk::NodeKind;

impl Platter {
    /// A new, empty file.
    pub(in crate::fake) fn create(&mut self, path: &Path, node: &Node) {
        let empty: Arc<[u8]> = Arc::from([].as_slice());
        let body = Body::File { now: Arc::clone(&empty), synced: empty };
        self.add(path, Inode::new(body, node.mode));
    }

    /// A new folder.
    pub(in crate::fake) fn make_dir(&mut self, path: &Path, node: &Node) {
        self.add(path, Inode::folder(node.mode));
    }

    /// A new link.
    pub(in crate::fake) fn link(&mut self, path: &Path, to: &Path) {
        self.add(path, Inode::new(Body::Link(to.to_owned()), 0o777));
    }

    /// What a file holds now, durable or not.
    pub(in crate::fake) fn hold(&mut self, path: &Path, node: &Node) {
        let Some(inode) = self.find(path).and_then(|id| self.inodes.get_mut(&id)) else { return };
        inode.mode = node.mode;
        if let (Body::File { now, .. }, NodeKind::File(bytes)) = (&mut inode.body, &node.kind) {
            *now = Arc::clone(bytes);
        }
    }

    /// fsync of a file.
    pub(in crate::fake) fn sync_file(&mut self, path: &Path) {
        let Some(inode) = self.find(path).and_then(|id| self.inodes.get_mut(&id)) else { return };
        inode.synced_mode = inode.mode;
        if let Body::File { now, synced } = &mut inode.body {
            *synced = Arc::clone(now);
        }
    }

    /// fsync of a folder: every change of its names, and those that it builds on.
    pub(in crate::fake) fn sync_dir(&mut self, path: &Path) {
        let Some(folder) = self.find(path) else { return };
        if let Some(inode) = self.inodes.get_mut(&folder) {
            inode.synced_mode = inode.mode;
        }
        let mut folders = BTreeSet::from([folder]);
        let mut durable = Vec::new();
        let mut later = Vec::new();
        for change in std::mem::take(&mut self.pending).into_iter().rev() {
            if change.edits.iter().any(|(folder, ..)| folders.contains(folder)) {
                folders.extend(change.edits.iter().map(|(folder, ..)| *folder));
                durable.push(change);
            } else {
                later.push(change);
            }
        }
        self.pending = later.into_iter().rev().collect();
        for change in durable.iter().rev() {
            self.settle(change);
        }
    }

    /// Another name for a file or a folder.
    pub(in crate::fake) fn rename(&mut self, from: &Path, to: &Path) {
        let Some(id) = self.find(from) else { return };
        let edits = [self.edit(from, None), self.edit(to, Some(id))];
        self.change(edits.into_iter().flatten().collect());
    }

    /// A name that is gone.
    pub(in crate::fake) fn unlink(&mut self, path: &Path) {
        let edit = self.edit(path, None);
        self.change(edit.into_iter().collect());
    }

    pub(super) fn add(&mut self, path: &Path, inode: Inode) {
        self.serial += 1;
        self.inodes.insert(self.serial, inode);
        let edit = self.edit(path, Some(self.serial));
        self.change(edit.into_iter().collect());
    }

    pub(super) fn settle(&mut self, change: &Change) {
        for (folder, name, target) in &change.edits {
            if let Some(Inode { body: Body::Folder { synced, .. }, .. }) =
                self.inodes.get_mut(folder)
            {
                set(synced, name, *target);
            }
        }
    }

    fn edit(&self, path: &Path, target: Option<u64>) -> Option<(u64, String, Option<u64>)> {
        let name = path.file_name()?.to_str()?.to_owned();
        Some((self.find(path.parent()?)?, name, target))
    }

    fn change(&mut self, edits: Vec<(u64, String, Option<u64>)>) {
        for (folder, name, target) in &edits {
            if let Some(Inode { body: Body::Folder { now, .. }, .. }) = self.inodes.get_mut(folder)
            {
                set(now, name, *target);
            }
        }
        self.pending.push(Change { edits });
    }
}

fn set(names: &mut std::collections::BTreeMap<String, u64>, name: &str, target: Option<u64>) {
    match target {
        Some(id) => drop(names.insert(name.to_owned(), id)),
        None => drop(names.remove(name)),
    }
}
