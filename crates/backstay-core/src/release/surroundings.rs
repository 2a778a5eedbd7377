//! Files of a stack that are outside of its folder: which of them a run may write.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use crate::engine::Stranger;
use crate::error::{Error, Result};
use crate::stack::is_machines;
use crate::store::Store;

/// The folder of a stack on a machine, for whoever writes files of it.
#[derive(Clone, Copy)]
pub(crate) struct Ground<'a> {
    /// The folder.
    pub directory: &'a Path,
    /// The user's home folder.
    pub home: Option<&'a Path>,
    /// The machine's files.
    pub store: &'a dyn Store,
}

/// Where a stack is.
#[derive(Debug, Clone)]
pub(crate) struct Surroundings {
    /// The repository of the stack, and the folder that its own is in.
    roots: BTreeSet<PathBuf>,
}

impl Surroundings {
    /// Looks around a stack's folder.
    pub(crate) fn of(directory: &Path, store: &dyn Store) -> Self {
        let directory = store.resolve(directory).unwrap_or_else(|_| directory.to_owned());
        let is_repository =
            |path: &&Path| matches!(store.metadata(&path.join(".git")), Ok(Some(_)));
        let repository = directory.ancestors().find(is_repository);
        let roots = repository.into_iter().chain(directory.parent());
        // All of the disk is nobody's surroundings, and what everybody may write is everybody's.
        let is_own = |root: &&Path| {
            let is_open =
                matches!(store.metadata(root), Ok(Some(found)) if found.mode & 0o002 != 0);
            root.parent().is_some() && !is_open
        };
        let roots = roots.filter(is_own).map(Path::to_owned).collect();
        Self { roots }
    }

    /// Whether a path is in the repository of the stack, or beside the stack's folder.
    pub(crate) fn is_ours(&self, path: &Path) -> bool {
        !is_machines(path) && self.roots.iter().any(|root| path.starts_with(root))
    }
}

/// Where a file outside of a stack's folder is: its path, where no link on the way leads elsewhere, and where it is beside the
/// stack, in its repository or in the user's home. What a journal or a release says of other places is not believed.
///
/// # Errors
/// [`Error::Outside`], [`Error::Io`].
pub(crate) fn outside_place(place: &Path, ground: &Ground<'_>) -> Result<PathBuf> {
    let Ground { directory: root, home, store } = *ground;
    let outside = || Error::Outside { path: place.to_owned(), root: root.to_owned() };
    let is_plain = place.is_absolute()
        && place.components().all(|part| {
            matches!(part, Component::RootDir | Component::Prefix(_) | Component::Normal(_))
        });
    let above = place.parent().filter(|_| is_plain).ok_or_else(outside)?;
    // As far as it is there, it is what it is called.
    for folder in above.ancestors() {
        let found = store.metadata(folder).map_err(|error| Error::io("reading", folder, error))?;
        if found.is_some() {
            if store.resolve(folder).ok().as_deref() != Some(folder) {
                return Err(outside());
            }
            break;
        }
    }
    let home = home.and_then(|home| store.resolve(home).ok());
    let is_at_home = home.is_some_and(|home| home.parent().is_some() && place.starts_with(home));
    if is_at_home || Surroundings::of(root, store).is_ours(place) {
        Ok(place.to_owned())
    } else {
        Err(outside())
    }
}

/// The container of somebody else that mounts a path, or a folder around it that is no larger than the stack's surroundings.
pub(crate) fn sharer<'a>(path: &Path, strangers: &'a [Stranger]) -> Option<&'a Stranger> {
    strangers.iter().find(|stranger| {
        stranger.mounts.iter().any(|mount| {
            let mount = Path::new(mount);
            // A whole machine that is looked at (a monitor, a backup) shares nothing.
            mount.components().count() > 2 && (path.starts_with(mount) || mount.starts_with(path))
        })
    })
}

/// The place of a path outside of a stack whose folder has been moved since, with all that is around it.
pub(crate) fn moved_along(path: &str, from: &Path, to: &Path) -> String {
    if from == to {
        return path.to_owned();
    }
    let old = Path::new(path);
    let shared = old.components().zip(from.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().count() - shared;
    let rest: PathBuf = old.components().skip(shared).collect();
    // Up to the root is no way beside the stack.
    let is_near = shared > 1;
    match to.ancestors().nth(up) {
        Some(above) if is_near => above.join(rest).to_string_lossy().into_owned(),
        _ => path.to_owned(),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::store::DiskStore;

    #[test]
    fn what_is_beside_the_stack_or_in_its_repository_is_ours() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let stack = root.join("repo/deploy/shop");
        std::fs::create_dir_all(&stack).unwrap();
        let near = Surroundings::of(&stack, &DiskStore);
        assert!(near.is_ours(&root.join("repo/deploy/shared.conf")));
        std::fs::create_dir(root.join("repo/.git")).unwrap();
        let near = Surroundings::of(&stack, &DiskStore);
        assert!(near.is_ours(&root.join("repo/app.conf")));
        assert!(!near.is_ours(&root.join("other/app.conf")));
        let ground = Ground { directory: &stack, home: None, store: &DiskStore };
        let place = |path: &Path| outside_place(path, &ground).is_ok();
        assert!(place(&root.join("repo/new/app.conf")));
        std::os::unix::fs::symlink("/etc", root.join("repo/link")).unwrap();
        assert!(!place(&root.join("repo/link/app.conf")));
        assert!(!place(&root.join("repo/../x")));
        assert!(!near.is_ours(Path::new("/etc/hosts")));
    }

    #[test]
    fn a_stack_takes_its_surroundings_along() {
        let (from, to) = (Path::new("/srv/a/deploy"), Path::new("/opt/b/deploy"));
        assert_eq!(moved_along("/srv/a/shared/x", from, to), "/opt/b/shared/x");
        assert_eq!(moved_along("/home/x", from, to), "/home/x");
    }

    #[test]
    fn a_mount_of_the_whole_machine_shares_nothing() {
        let stranger = |mount: &str| Stranger {
            name: "x".to_owned(),
            project: None,
            mounts: vec![mount.to_owned()],
        };
        let path = Path::new("/srv/shared/app.conf");
        assert!(sharer(path, &[stranger("/"), stranger("/srv")]).is_none());
        assert!(sharer(path, &[stranger("/srv/shared")]).is_some());
        assert!(sharer(path, &[stranger("/srv/shared/app.conf")]).is_some());
        assert!(sharer(path, &[stranger("/srv/shared/other.conf")]).is_none());
    }
}
