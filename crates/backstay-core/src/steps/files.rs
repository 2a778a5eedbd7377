//! Putting a release's files in place, and putting back what was there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::event::{Event, Note, SavedFile};
use crate::layout::Layout;
use crate::ports::{Clock, Engine, EntryKind, Store};
use crate::release::{FileRecord, ReleaseFolder, keep_replaced};
use crate::run_record::{saved_file, saved_folder};
use crate::store::contained;

/// What is to be done to one file.
pub(crate) struct Change {
    pub path: String,
    /// The new content and permission bits; `None` removes the file.
    pub content: Option<(Vec<u8>, u32)>,
    /// What is there now.
    pub before: Option<(Vec<u8>, u32)>,
}

/// What has to change so that the stack's files are those of a release, and which files outside of it differ.
pub(crate) fn compare(
    folder: &ReleaseFolder,
    directory: &Path,
    store: &dyn Store,
) -> Result<(Vec<Change>, Vec<FileRecord>)> {
    let mut changes = Vec::new();
    let mut outside = Vec::new();
    for record in &folder.release.files {
        if record.outside {
            let now =
                store.read(Path::new(&record.path)).ok().map(|bytes| crate::digest::digest(&bytes));
            if record.digest.is_some() && now != record.digest {
                outside.push(record.clone());
            }
            continue;
        }
        let place = place(directory, &record.path, store)?;
        let before = content(&place, store)?;
        let after = folder.file(record, store)?.map(|bytes| (bytes, record.mode));
        if before != after {
            changes.push(Change { path: record.path.clone(), content: after, before });
        }
    }
    Ok((changes, outside))
}

/// Keeps what will be replaced, durably, in the run's own folder; this is what the undo needs. `set` tells the files of
/// one step from those of another.
pub(crate) fn save(
    changes: &[Change],
    set: &str,
    work: &Path,
    store: &dyn Store,
) -> Result<BTreeMap<String, Option<SavedFile>>> {
    let folder = saved_folder(work);
    store.create_dir(&folder).map_err(|error| Error::io("creating", &folder, error))?;
    let mut saved = BTreeMap::new();
    for (index, change) in changes.iter().enumerate() {
        let entry = match &change.before {
            None => None,
            Some((bytes, mode)) => {
                let name = format!("{set}{index}");
                let path = folder.join(&name);
                store
                    .write(&path, bytes, 0o600)
                    .map_err(|error| Error::io("writing", &path, error))?;
                Some(SavedFile { name, mode: *mode, digest: Some(crate::digest::digest(bytes)) })
            }
        };
        saved.insert(change.path.clone(), entry);
    }
    Ok(saved)
}

/// Puts the files in place. What they replace is kept beside the backup, under `replaced/`.
pub(crate) fn apply<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    directory: &Path,
    changes: &[Change],
    keep_in: Option<&Path>,
) -> Result<()> {
    if let Some(folder) = keep_in {
        keep(changes, folder, &*ctx.store)?;
    }
    for change in changes {
        put(directory, change, &*ctx.store)?;
        ctx.reporter
            .report(&Event::Note { note: Note::FileRestored { path: change.path.clone() } });
    }
    Ok(())
}

/// Keeps what changes replace beside a backup.
pub(crate) fn keep(changes: &[Change], backup: &Path, store: &dyn Store) -> Result<()> {
    let replaced = changes.iter().filter_map(|change| {
        let (bytes, _) = change.before.as_ref()?;
        Some((change.path.as_str(), bytes.as_slice()))
    });
    keep_replaced(backup, &replaced.collect::<Vec<_>>(), store)
}

/// Makes changes, one after another.
pub(crate) fn put_all(directory: &Path, changes: &[Change], store: &dyn Store) -> Result<()> {
    changes.iter().try_for_each(|change| put(directory, change, store))
}

/// Makes one change.
fn put(directory: &Path, change: &Change, store: &dyn Store) -> Result<()> {
    let place = place(directory, &change.path, store)?;
    match &change.content {
        Some((bytes, mode)) => write(&place, bytes, *mode, store),
        None => store.remove_file(&place).map_err(|error| Error::io("removing", &place, error)),
    }
}

/// Puts back what was there.
pub(crate) fn undo<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    layout: &Layout,
    run: &str,
    saved: &BTreeMap<String, Option<SavedFile>>,
) -> std::result::Result<(), String> {
    let directory = layout.root().parent().unwrap_or(Path::new(""));
    let store = &*ctx.store;
    let mut problems = Vec::new();
    for (path, entry) in saved {
        let result = place(directory, path, store).and_then(|place| {
            sweep(&place, store);
            match entry {
                None => {
                    store.remove_file(&place).map_err(|error| Error::io("removing", &place, error))
                }
                Some(saved) => {
                    let now = content(&place, store)?;
                    if now.as_ref().is_some_and(|(bytes, mode)| saved.is(bytes, *mode)) {
                        return Ok(());
                    }
                    let bytes = saved_file(layout, run, saved, store)?;
                    if now == Some((bytes.clone(), saved.mode)) {
                        return Ok(());
                    }
                    write(&place, &bytes, saved.mode, store)
                }
            }
        });
        let path = path.clone();
        let note = match entry {
            Some(_) => Note::FileRestored { path },
            None => Note::FileRemoved { path },
        };
        match result {
            Ok(()) => ctx.reporter.report(&Event::Note { note }),
            Err(error) => problems.push(error.to_string()),
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("; ")) }
}

/// Where a file of the stack is, with no link on the way to it.
pub(crate) fn place(directory: &Path, path: &str, store: &dyn Store) -> Result<PathBuf> {
    let place = contained(directory, path)?;
    let mut above = directory.to_owned();
    for part in Path::new(path).parent().into_iter().flat_map(Path::iter) {
        above.push(part);
        let found = store.metadata(&above).map_err(|error| Error::io("reading", &above, error))?;
        if found.is_some_and(|found| found.kind == EntryKind::Link) {
            return Err(Error::Outside { path: place, root: directory.to_owned() });
        }
    }
    Ok(place)
}

pub(crate) fn content(place: &Path, store: &dyn Store) -> Result<Option<(Vec<u8>, u32)>> {
    let io = |error| Error::io("reading", place, error);
    match store.metadata(place).map_err(io)? {
        None => Ok(None),
        Some(found) if found.kind == EntryKind::File => {
            Ok(Some((store.read(place).map_err(io)?, found.mode)))
        }
        Some(_) => Err(Error::Damaged {
            file: place.to_owned(),
            problem: "it is not a regular file".to_owned(),
        }),
    }
}

fn write(place: &Path, bytes: &[u8], mode: u32, store: &dyn Store) -> Result<()> {
    if let Some(folder) = place.parent() {
        store.create_dir(folder).map_err(|error| Error::io("creating", folder, error))?;
    }
    store.write(place, bytes, mode).map_err(|error| Error::io("writing", place, error))
}

/// Removes what a write that a crash cut short left beside a file.
fn sweep(place: &Path, store: &dyn Store) {
    let Some(folder) = place.parent() else { return };
    for name in store.list(folder).unwrap_or_default() {
        if name.starts_with(".backstay-") && name.ends_with(".tmp") {
            // It is clutter, not state.
            let _ = store.remove_file(&folder.join(name));
        }
    }
}
