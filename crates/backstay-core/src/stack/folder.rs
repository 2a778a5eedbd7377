//! Mounted folders: which are settings, and which are data, the machine's own, or too large to be kept.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::model::Model;
use super::places::is_machines;
use super::service::{MountKind, Service};
use crate::digest::digest;
use crate::error::Result;
use crate::store::{EntryKind, Store};
use crate::store::{present, read_through};

/// The most files that a folder of settings has.
const FILES: usize = 256;

/// The most bytes that they have together.
const BYTES: u64 = 1 << 20;

/// The deepest that they lie.
const DEPTH: usize = 16;

/// What a folder of a stack itself has in it: it is where the stack is, and no settings of it.
const OF_A_STACK: [&str; 6] =
    [".backup", ".git", "compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];

/// What a mounted folder is to a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FolderState {
    /// Its files are part of the release.
    Kept,
    /// A service can write it: it is data.
    Writable,
    /// It is too large, or has more in it than files.
    NotKept,
}

/// What is in a folder.
pub(crate) enum Tree {
    /// These files, or links to files, in order.
    Small(Vec<PathBuf>),
    /// More than settings are.
    Large,
}

/// Looks into a folder.
///
/// # Errors
/// What can't be read may be readable at the next look.
pub(crate) fn tree(folder: &Path, store: &dyn Store) -> Result<Tree> {
    let top = present(store.list(folder), folder)?;
    if top.is_none_or(|names| names.iter().any(|name| OF_A_STACK.contains(&name.as_str()))) {
        return Ok(Tree::Large);
    }
    let (mut files, mut bytes) = (Vec::new(), 0);
    let mut open = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = open.pop() {
        let Some(names) = present(store.list(&folder), &folder)? else { return Ok(Tree::Large) };
        for name in names {
            if name.starts_with(".backstay-") && name.ends_with(".tmp") {
                continue;
            }
            let path = folder.join(name);
            let Some(found) = present(store.metadata(&path), &path)?.flatten() else {
                return Ok(Tree::Large);
            };
            match found.kind {
                EntryKind::Directory if depth < DEPTH => open.push((path, depth + 1)),
                EntryKind::File => {
                    bytes += found.len;
                    files.push(path);
                }
                EntryKind::Link => {
                    // What it leads to counts, where that is a file.
                    let Some(target) = present(store.resolve(&path), &path)? else {
                        return Ok(Tree::Large);
                    };
                    match present(store.metadata(&target), &target)?.flatten() {
                        Some(found) if found.kind == EntryKind::File => bytes += found.len,
                        _ => return Ok(Tree::Large),
                    }
                    files.push(path);
                }
                _ => return Ok(Tree::Large),
            }
            if files.len() > FILES || bytes > BYTES {
                return Ok(Tree::Large);
            }
        }
    }
    files.sort();
    Ok(Tree::Small(files))
}

/// The digest of what is in a small folder: names and contents. `None` where it is not one.
///
/// # Errors
/// As [`tree`].
pub(crate) fn folder_digest(folder: &Path, store: &dyn Store) -> Result<Option<String>> {
    let Tree::Small(files) = tree(folder, store)? else { return Ok(None) };
    let mut whole = Vec::new();
    for file in files {
        let Some(bytes) = read_through(&file, store)? else { return Ok(None) };
        let name = file.strip_prefix(folder).unwrap_or(&file);
        whole.extend_from_slice(name.to_string_lossy().replace('\\', "/").as_bytes());
        whole.push(0);
        whole.extend_from_slice(digest(&bytes).as_bytes());
        whole.push(0);
    }
    Ok(Some(digest(&whole)))
}

impl Model {
    /// The folders that a service mounts, with what they are to a release. What belongs to the machine is not among them.
    ///
    /// # Errors
    /// A folder can't be read.
    pub(crate) fn folders(
        &self,
        service: &Service,
        store: &dyn Store,
    ) -> Result<Vec<(PathBuf, FolderState)>> {
        let mut folders: Vec<(PathBuf, FolderState)> = Vec::new();
        for mount in service.mounts.iter().filter(|mount| mount.kind == MountKind::Bind) {
            let path = Path::new(&mount.source);
            if !path.is_absolute() || is_machines(path) {
                continue;
            }
            // As the engine does, through a link.
            let Some(place) = present(store.resolve(path), path)? else { continue };
            let found = present(store.metadata(&place), &place)?.flatten();
            if found.is_none_or(|found| found.kind != EntryKind::Directory) {
                continue;
            }
            let state = match mount.read_only {
                false => FolderState::Writable,
                true if matches!(tree(path, store)?, Tree::Small(_)) => FolderState::Kept,
                true => FolderState::NotKept,
            };
            folders.push((path.to_owned(), state));
        }
        folders.sort();
        folders.dedup();
        // Where one service can write what another one only reads, it is data.
        let writable: Vec<PathBuf> = self
            .services
            .values()
            .flat_map(|service| &service.mounts)
            .filter(|mount| mount.kind == MountKind::Bind && !mount.read_only)
            .map(|mount| PathBuf::from(&mount.source))
            .collect();
        for (path, state) in &mut folders {
            if writable.iter().any(|other| path.starts_with(other) || other.starts_with(&*path)) {
                *state = FolderState::Writable;
            }
        }
        folders.dedup();
        Ok(folders)
    }
}
