//! Putting a release's files in place, and putting back what was there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::trouble::Trouble;
use crate::context::Context;
use crate::engine::Stranger;
use crate::error::{Error, Obstacle, Result};
use crate::event::{Event, Note};
use crate::layout::Layout;
use crate::plan::SavedFile;
use crate::release::{
    FileRecord, Ground, Lost, Obstruction, ReleaseFolder, Surroundings, keep_replaced, moved_along,
    outside_place, sharer,
};
use crate::run_record::{saved_file, saved_folder};
use crate::stack::{FolderState, Tree, folder_digest, is_machines, tree};
use crate::store::{EntryKind, Store};
use crate::store::{contained, present};

/// What is to be done to one file.
pub(crate) struct FileChange {
    pub path: String,
    /// The new content and permission bits; `None` removes the file.
    pub content: Option<(Vec<u8>, u32)>,
    /// What is there now.
    pub before: Option<(Vec<u8>, u32)>,
}

/// How the files on disk differ from those of a release.
#[derive(Default)]
pub(crate) struct Comparison {
    /// What has to change so that they are the release's.
    pub changes: Vec<FileChange>,
    /// What the release had otherwise and can't be brought back.
    pub lost: Vec<Lost>,
    /// Files of the machine and folders of data that differ: they are no part of what is brought back.
    pub remarks: Vec<Note>,
}

/// Compares. `strangers` are the containers that are not the stack's.
pub(crate) fn compare(
    folder: &ReleaseFolder,
    ground: &Ground<'_>,
    strangers: &[Stranger],
) -> Result<Comparison> {
    let Ground { directory, store, .. } = *ground;
    let near = Surroundings::of(directory, store);
    let from = &folder.release.stack.directory;
    let at = |record: &FileRecord| match record.outside {
        true => moved_along(&record.path, from, directory),
        false => record.path.clone(),
    };
    let mut found = Comparison::default();
    for record in &folder.release.files {
        let path = at(record);
        if record.folder.is_some() {
            of_folder(&mut found, folder, record, &path, (ground, &near, &at), strangers)?;
            continue;
        }
        if record.outside {
            let place = Path::new(&path);
            let bytes = present(store.read(place), place)?;
            let now = bytes.as_deref().map(crate::digest::digest);
            if record.digest.is_none() || now == record.digest {
                continue;
            }
            if is_machines(place) {
                found.remarks.push(Note::FileOutside { path });
                continue;
            }
            match obstruction(&near, ground, &path, record.stored.is_some(), strangers) {
                Some(why) => found.lost.push(Lost { path, why }),
                None => {
                    let content = folder.file(record, store)?.map(|bytes| (bytes, record.mode));
                    let before = self::content(place, store)?;
                    found.changes.push(FileChange { path, content, before });
                }
            }
            continue;
        }
        let place = place(ground, &path)?;
        let before = content(&place, store)?;
        let after = folder.file(record, store)?.map(|bytes| (bytes, record.mode));
        if before != after {
            found.changes.push(FileChange { path, content: after, before });
        }
    }
    found.lost.sort();
    found.lost.dedup();
    Ok(found)
}

/// Why a path outside of the stack's folder can't be written; `None` where it can.
fn obstruction(
    near: &Surroundings,
    ground: &Ground<'_>,
    path: &str,
    has_copy: bool,
    strangers: &[Stranger],
) -> Option<Obstruction> {
    let place = Path::new(path);
    if !near.is_ours(place) || outside_place(place, ground).is_err() {
        return Some(Obstruction::Far);
    }
    if let Some(stranger) = sharer(Path::new(path), strangers) {
        return Some(Obstruction::Shared { container: stranger.name.clone() });
    }
    (!has_copy).then_some(Obstruction::NoCopy)
}

type Places<'a> = (&'a Ground<'a>, &'a Surroundings, &'a dyn Fn(&FileRecord) -> String);

/// A mounted folder: what was put into it since goes, where the release has all of it.
fn of_folder(
    found: &mut Comparison,
    folder: &ReleaseFolder,
    record: &FileRecord,
    path: &str,
    (ground, near, at): Places<'_>,
    strangers: &[Stranger],
) -> Result<()> {
    let Ground { directory, store, .. } = *ground;
    let real = directory.join(path);
    let now = folder_digest(&real, store)?;
    if now == record.digest && (now.is_some() || record.folder != Some(FolderState::Kept)) {
        return Ok(());
    }
    let lost = |why| Lost { path: path.to_owned(), why };
    match record.folder {
        Some(FolderState::Kept) => {}
        Some(FolderState::NotKept) => {
            found.lost.push(lost(Obstruction::NotKept));
            return Ok(());
        }
        _ => {
            found.remarks.push(Note::FolderNotKept { path: path.to_owned() });
            return Ok(());
        }
    }
    if record.outside
        && let Some(why) = obstruction(near, ground, path, true, strangers)
    {
        found.lost.push(lost(why));
        return Ok(());
    }
    match store.metadata(&real).map_err(|error| Error::io("reading", &real, error))? {
        // All of its files come back, and it with them.
        None => return Ok(()),
        Some(is) if is.kind == EntryKind::Directory => {}
        Some(_) => {
            found.lost.push(lost(Obstruction::NotKept));
            return Ok(());
        }
    }
    let Tree::Small(files) = tree(&real, store)? else {
        found.lost.push(lost(Obstruction::NotKept));
        return Ok(());
    };
    let known: BTreeSet<PathBuf> =
        folder.release.files.iter().map(|file| directory.join(at(file))).collect();
    for file in files {
        let kind = store.metadata(&file).map_err(|error| Error::io("reading", &file, error))?;
        if known.contains(&file) || kind.is_none_or(|kind| kind.kind != EntryKind::File) {
            continue;
        }
        let path = match file.strip_prefix(directory) {
            Ok(inside) if !record.outside => {
                inside.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
            }
            _ => file.to_string_lossy().into_owned(),
        };
        let before = content(&file, store)?;
        found.changes.push(FileChange { path, content: None, before });
    }
    Ok(())
}

/// Keeps what will be replaced, durably, in the run's own folder; this is what the undo needs. `set` tells the files of
/// one step from those of another.
pub(crate) fn save(
    changes: &[FileChange],
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
pub(crate) fn apply(
    ctx: &Context,
    directory: &Path,
    changes: &[FileChange],
    keep_in: Option<&Path>,
) -> Result<()> {
    if let Some(folder) = keep_in {
        keep(changes, folder, &*ctx.store)?;
    }
    for change in changes {
        put(&ctx.ground(directory), change)?;
        let path = change.path.clone();
        let note = match change.content {
            Some(_) => Note::FileRestored { path },
            None => Note::FileRemoved { path },
        };
        ctx.reporter.report(&Event::Note { note });
    }
    Ok(())
}

/// Keeps what changes replace beside a backup.
pub(crate) fn keep(changes: &[FileChange], backup: &Path, store: &dyn Store) -> Result<()> {
    let replaced = changes.iter().filter_map(|change| {
        let (bytes, _) = change.before.as_ref()?;
        Some((change.path.as_str(), bytes.as_slice()))
    });
    keep_replaced(backup, &replaced.collect::<Vec<_>>(), store)
}

/// Makes changes, one after another.
pub(crate) fn put_all(ground: &Ground<'_>, changes: &[FileChange]) -> Result<()> {
    changes.iter().try_for_each(|change| put(ground, change))
}

/// Makes one change.
fn put(ground: &Ground<'_>, change: &FileChange) -> Result<()> {
    let place = place(ground, &change.path)?;
    let store = ground.store;
    match &change.content {
        Some((bytes, mode)) => write(&place, bytes, *mode, store),
        None => store.remove_file(&place).map_err(|error| Error::io("removing", &place, error)),
    }
}

/// Puts back what was there.
pub(crate) fn undo(
    ctx: &Context,
    layout: &Layout,
    run: &str,
    saved: &BTreeMap<String, Option<SavedFile>>,
    written: &BTreeMap<String, Option<String>>,
) -> std::result::Result<(), Trouble> {
    let ground = ctx.ground(layout.directory());
    let store = ground.store;
    let mut problems = Vec::new();
    for (path, entry) in saved {
        let result = place(&ground, path).and_then(|place| {
            sweep(&place, store);
            let now = content(&place, store)?;
            if is_others(path, now.as_ref(), entry.as_ref(), written) {
                return Ok(Some(Note::FileChangedSince { path: path.clone() }));
            }
            match entry {
                None => {
                    let removed = store.remove_file(&place);
                    removed.map_err(|error| Error::io("removing", &place, error))?;
                }
                Some(saved) => {
                    if now.as_ref().is_some_and(|(bytes, mode)| saved.is(bytes, *mode)) {
                        return Ok(None);
                    }
                    let bytes = saved_file(layout, run, saved, store)?;
                    if now == Some((bytes.clone(), saved.mode)) {
                        return Ok(None);
                    }
                    write(&place, &bytes, saved.mode, store)?;
                }
            }
            Ok(None)
        });
        let path = path.clone();
        let note = match entry {
            Some(_) => Note::FileRestored { path },
            None => Note::FileRemoved { path },
        };
        match result {
            Ok(other) => ctx.reporter.report(&Event::Note { note: other.unwrap_or(note) }),
            Err(error) => problems.push(error.into()),
        }
    }
    Trouble::all(problems)
}

/// Whether what is there is neither what the step wrote nor what was there before it.
fn is_others(
    path: &str,
    now: Option<&(Vec<u8>, u32)>,
    before: Option<&SavedFile>,
    written: &BTreeMap<String, Option<String>>,
) -> bool {
    let Some(written) = written.get(path) else { return false };
    let now = now.map(|(bytes, _)| crate::digest::digest(bytes));
    let before = before.map(|before| before.digest.clone());
    now != *written && Some(&now) != before.as_ref() && !(now.is_none() && before.is_none())
}

/// What changes will have written, for the undo.
pub(crate) fn digests(changes: &[FileChange]) -> BTreeMap<String, Option<String>> {
    let digest = |change: &FileChange| {
        change.content.as_ref().map(|(bytes, _)| crate::digest::digest(bytes))
    };
    changes.iter().map(|change| (change.path.clone(), digest(change))).collect()
}

/// Where a file of the stack is, with no link on the way to it. An absolute path is that of a file beside the stack's folder.
pub(crate) fn place(ground: &Ground<'_>, path: &str) -> Result<PathBuf> {
    if Path::new(path).is_absolute() {
        return outside_place(Path::new(path), ground);
    }
    let Ground { directory, store, .. } = *ground;
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
        // What the engine made of a missing file: nothing is lost with it.
        Some(found) if found.kind == EntryKind::Directory => {
            let is_empty = store.list(place).map_err(io)?.is_empty();
            if is_empty {
                return Ok(None);
            }
            let path = place.to_owned();
            Err(Error::NotReady(vec![Obstacle::FolderForFile { path, is_empty }]))
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
    let found = store.metadata(place).map_err(|error| Error::io("reading", place, error))?;
    if found.is_some_and(|found| found.kind == EntryKind::Directory) {
        store.remove_empty_dir(place).map_err(|error| Error::io("removing", place, error))?;
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

/// What a person does instead.
pub(super) fn by_hand(run: &str, saved: &BTreeMap<String, Option<SavedFile>>) -> Vec<String> {
    let command = |(path, saved): (&String, &Option<SavedFile>)| match saved {
        Some(saved) => format!("cp .backup/journal/{run}/saved/{} {path}", saved.name),
        None => format!("rm -f {path}"),
    };
    saved.iter().map(command).collect()
}
