//! A loss of power: what is left.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::{Body, Change, Platter, ROOT};
use crate::fake::disk::{Node, NodeKind};

/// What a loss of power leaves of all that was not made durable. A file system may do any of this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Nothing.
    Nothing,
    /// Every name, and no content: what a file system does that writes its names first.
    Names,
    /// Every name, and half of each content: the torn write.
    Half,
    /// All of it: the disk was quick.
    Everything,
    /// Every second change of a name and no content, in no order.
    Odd,
    /// The other changes of names, and half of each content.
    Even,
}

impl Kept {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Nothing, Self::Names, Self::Half, Self::Everything, Self::Odd, Self::Even];

    const fn keeps(self, number: usize) -> bool {
        match self {
            Self::Nothing => false,
            Self::Names | Self::Half | Self::Everything => true,
            Self::Odd => number % 2 == 1,
            Self::Even => number.is_multiple_of(2),
        }
    }

    fn content(self, now: &Arc<[u8]>, synced: &Arc<[u8]>) -> Arc<[u8]> {
        match self {
            Self::Nothing | Self::Names | Self::Odd => Arc::clone(synced),
            Self::Everything => Arc::clone(now),
            // As much of the change as is beyond what was durable; of a file that was cut, nothing.
            Self::Half | Self::Even if now.len() > synced.len() => {
                now[..usize::midpoint(synced.len(), now.len())].into()
            }
            Self::Half | Self::Even => Arc::clone(synced),
        }
    }
}

impl Platter {
    /// The entries of the disk after a loss of power.
    #[must_use]
    pub fn after_power_loss(&self, kept: Kept, now: Duration) -> BTreeMap<PathBuf, Node> {
        let mut platter = self.clone();
        let pending: Vec<Change> = std::mem::take(&mut platter.pending);
        for (number, change) in pending.iter().enumerate() {
            if kept.keeps(number) {
                platter.settle(change);
            }
        }
        let mut nodes = BTreeMap::new();
        platter.gather(ROOT, Path::new("/"), kept, now, &mut nodes);
        nodes
    }

    fn gather(
        &self,
        folder: u64,
        path: &Path,
        kept: Kept,
        modified: Duration,
        nodes: &mut BTreeMap<PathBuf, Node>,
    ) {
        let Some(Body::Folder { synced, .. }) = self.inodes.get(&folder).map(|inode| &inode.body)
        else {
            return;
        };
        for (name, id) in synced {
            let (inode, path) = (&self.inodes[id], path.join(name));
            let kind = match &inode.body {
                Body::File { now, synced } => NodeKind::File(kept.content(now, synced)),
                Body::Folder { .. } => NodeKind::Directory,
                Body::Link(to) => NodeKind::Link(to.clone()),
            };
            let mode = if kept == Kept::Everything { inode.mode } else { inode.synced_mode };
            nodes.insert(path.clone(), Node { kind, mode, modified });
            self.gather(*id, &path, kept, modified, nodes);
        }
    }
}
