//! A state that a group shares: everyone who may use the engine may go on with a stack, and nobody else reads it. Below its root
//! folders have mode 2770 and files 0660, and the group of the folder above.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The bits of a folder that a group shares.
#[cfg(unix)]
const SHARED: u32 = 0o2070;

static STATE: OnceLock<Shared> = OnceLock::new();

struct Shared {
    root: PathBuf,
    #[cfg(unix)]
    group: Option<u32>,
}

/// From now on this state is shared: by the group of its root where that is there and is a group's, or by `group`, that its
/// root will be made for. Said once, before anything is written.
pub fn share_state(root: &Path, group: Option<u32>) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let is_shared = match std::fs::metadata(root) {
            Ok(found) => found.permissions().mode() & SHARED == SHARED,
            Err(_) => group.is_some(),
        };
        if is_shared {
            let _ = STATE.set(Shared { root: root.to_owned(), group });
        }
    }
    #[cfg(not(unix))]
    let _ = (root, group);
}

/// Whether a path is in a state that a group shares.
pub(crate) fn is_shared(path: &Path) -> bool {
    STATE.get().is_some_and(|state| path.starts_with(&state.root))
}

/// Gives a folder that was just made, or a file, the rights that it has to have where it is. What belongs to somebody else of
/// the group has them already.
pub(crate) fn settle(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(state) = STATE.get().filter(|state| path.starts_with(&state.root)) {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let found = std::fs::symlink_metadata(path)?;
        let above = || Some(std::fs::metadata(path.parent()?).ok()?.gid());
        let group = if path == state.root { state.group } else { above() };
        if let Some(group) = group.filter(|group| *group != found.gid()) {
            // Only for who is of that group; for others, the folder's own rights say who may.
            let _ = std::os::unix::fs::lchown(path, None, Some(group));
        }
        let mode = if found.is_dir() { 0o2770 } else { 0o660 };
        if found.file_type().is_symlink() || found.mode() & 0o7777 == mode {
            return Ok(());
        }
        return std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode));
    }
    let _ = path;
    Ok(())
}

/// Does that for all below a path, and for it.
pub(crate) fn settle_all(path: &Path) -> io::Result<()> {
    if !is_shared(path) {
        return Ok(());
    }
    settle(path)?;
    if std::fs::symlink_metadata(path)?.is_dir() {
        for entry in std::fs::read_dir(path)? {
            settle_all(&entry?.path())?;
        }
    }
    Ok(())
}
