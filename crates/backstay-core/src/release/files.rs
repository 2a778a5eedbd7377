//! Which files belong to a release, and their content at this moment.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use super::record::FileRecord;
use super::sources::sources;
use super::surroundings::Surroundings;
use crate::digest::digest;
use crate::error::{Error, Result};
use crate::stack::{FolderState, Model, StackRef, folder_digest};
use crate::store::{EntryKind, Store};

/// Files that Compose loads by itself when they are there, so that their absence is part of a release.
const OVERRIDES: [&str; 4] = [
    "compose.override.yaml",
    "compose.override.yml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// The largest file outside of the stack's directory that is kept, in bytes.
const LARGEST_OUTSIDE: u64 = 1 << 20;

/// The files of a release with their content, and the folders that its services mount.
///
/// # Errors
/// [`Error::Io`] for a file that is there and can't be read.
pub fn collect_files(
    stack: &StackRef,
    model: &Model,
    store: &dyn Store,
) -> Result<Vec<(FileRecord, Option<Vec<u8>>)>> {
    let mut paths: BTreeSet<PathBuf> = stack.files.iter().cloned().collect();
    paths.extend(stack.interpolation_files());
    paths.extend(OVERRIDES.iter().map(|name| stack.directory.join(name)));
    for source in sources(stack, store)? {
        paths.extend(source.env_files);
        paths.insert(source.path);
    }
    for service in model.services.values() {
        paths.extend(model.config_files(service, store)?);
    }
    let mut files = BTreeMap::new();
    for service in model.services.values() {
        for (path, state) in model.folders(service, store)? {
            let record = folder_record(&path, state, &stack.directory, store)?;
            files.insert(record.path.clone(), (record, None));
        }
    }
    let near = Surroundings::of(&stack.directory, store);
    for path in paths {
        let (record, content) = read_file(&path, &stack.directory, &near, store)?;
        files.insert(record.path.clone(), (record, content));
    }
    Ok(files.into_values().collect())
}

fn read_file(
    path: &Path,
    directory: &Path,
    near: &Surroundings,
    store: &dyn Store,
) -> Result<(FileRecord, Option<Vec<u8>>)> {
    let mut clean = normal(path);
    let mut root = normal(directory);
    let found = store.metadata(&clean).map_err(|error| Error::io("reading", &clean, error))?;
    if found.is_some_and(|found| found.kind == EntryKind::Link) {
        // The link stays what it is; the release has the file that it leads to.
        if let (Ok(target), Ok(stack)) = (store.resolve(&clean), store.resolve(&root)) {
            (clean, root) = (target, stack);
        }
    }
    let inside = clean.strip_prefix(&root).ok().map(Path::to_owned);
    let outside = inside.is_none();
    if outside && let Ok(real) = store.resolve(&clean) {
        // So that it is known later where it is, whatever is a link by then.
        clean = real;
    }
    let place = inside.unwrap_or_else(|| clean.clone());
    let mut record = FileRecord {
        path: portable(&place),
        stored: None,
        digest: None,
        mode: 0o644,
        outside,
        folder: None,
    };
    let found = store.metadata(&clean).map_err(|error| Error::io("reading", &clean, error))?;
    let Some(found) = found.filter(|found| found.kind == EntryKind::File) else {
        return Ok((record, None));
    };
    let content = match store.read(&clean) {
        Ok(content) => content,
        // What belongs to others need not be readable: it is named, and never restored.
        Err(_) if outside => return Ok((record, None)),
        Err(error) => return Err(Error::io("reading", &clean, error)),
    };
    record.digest = Some(digest(&content));
    record.mode = found.mode;
    if outside && (!near.is_ours(&clean) || found.len > LARGEST_OUTSIDE) {
        // It is compared, and never written.
        return Ok((record, None));
    }
    Ok((record, Some(content)))
}

/// A mounted folder. Its files are records of their own where they are kept.
fn folder_record(
    path: &Path,
    state: FolderState,
    directory: &Path,
    store: &dyn Store,
) -> Result<FileRecord> {
    let (clean, root) = (normal(path), normal(directory));
    let inside = clean.strip_prefix(&root).ok().filter(|inside| !inside.as_os_str().is_empty());
    let place = inside.map_or_else(|| clean.clone(), Path::to_owned);
    Ok(FileRecord {
        path: portable(&place),
        stored: None,
        digest: folder_digest(&clean, store)?,
        mode: 0o755,
        outside: inside.is_none(),
        folder: Some(state),
    })
}

/// The path without `.` and `..`, by its text alone.
pub(crate) fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

/// The path with `/` between its parts.
fn portable(path: &Path) -> String {
    if path.is_absolute() {
        return path.to_string_lossy().into_owned();
    }
    path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}
