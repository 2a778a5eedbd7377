//! What is on record of a run: its journal, and its folder beside it, which is there from the first record until the run is
//! over. So a journal that was cut short, or is gone, is told from one that a crash left.

use std::path::{Path, PathBuf};

use crate::digest::digest;
use crate::error::{Error, Result};
use crate::journal::{Record, load};
use crate::layout::Layout;
use crate::plan::{SavedFile, Undo};
use crate::release::{ReleaseFolder, read_whole, runs};
use crate::run_state::{RunState, Stage, StepStatus};
use crate::store::Store;
use crate::store::{contained, damaged, own_file, own_folder};

/// Reads what a journal says of its run. `None` where it has no complete record: then nothing was done.
///
/// # Errors
/// [`Error::Journal`], [`Error::TooNew`], [`Error::Io`].
pub fn read(layout: &Layout, run: &str, store: &dyn Store) -> Result<Option<RunState>> {
    let had_folder = own_folder(&layout.work(run), store)?;
    let (records, _) = load(&layout.journal(run), store)?;
    replay(layout, run, &records, had_folder, store)
}

/// The state of a run after these records of its journal. `had_folder` is whether its folder was there before they were read:
/// the run may be on its way, and begin or end just now.
///
/// # Errors
/// [`Error::Journal`] where they can't be all that there was, [`Error::Io`].
pub(crate) fn replay(
    layout: &Layout,
    run: &str,
    records: &[Record],
    had_folder: bool,
    store: &dyn Store,
) -> Result<Option<RunState>> {
    let count = records.len();
    let state = RunState::replay(records.iter().map(|record| record.event.clone()))
        .map_err(|(index, error)| broken(layout, run, index + 1, error.to_string()))?;
    let has_folder = own_folder(&layout.work(run), store)?;
    match &state {
        None if had_folder => Err(broken(layout, run, 1, "its first record is gone")),
        Some(state) if state.run != run => {
            let problem = format!("it belongs to the run `{}`", state.run);
            Err(broken(layout, run, 1, problem))
        }
        // Behind the commit the folder goes before the last record, and all that is left to do can be repeated.
        Some(state) if !had_folder && !has_folder && has_begun(state) => {
            Err(broken(layout, run, count + 1, "its last records are gone"))
        }
        _ => Ok(state),
    }
}

/// Whether steps were taken that are not undone, or are being undone.
fn has_begun(state: &RunState) -> bool {
    let is_under_way = matches!(state.stage, Stage::Forward | Stage::Unwinding);
    is_under_way && !state.steps.is_empty()
}

/// The runs that were interrupted, and one that is on its way, oldest first; and what is wrong with the records of others. Only
/// looks.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn open_runs(layout: &Layout, store: &dyn Store) -> Result<(Vec<String>, Vec<Error>)> {
    let (mut open, mut damage) = (Vec::new(), lost(layout, store)?);
    for run in runs(layout, store)? {
        match read(layout, &run, store) {
            Ok(Some(state)) if !state.is_open() => {}
            Ok(_) => open.push(run),
            Err(error) => damage.push(error),
        }
    }
    Ok((open, damage))
}

/// Whether a run may have been interrupted that has something to undo: its folder is there.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn may_be_open(layout: &Layout, store: &dyn Store) -> Result<bool> {
    Ok(names(layout, store)?.iter().any(|name| is_folder(name)))
}

/// The journals that are gone while their run's folder is there.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn lost(layout: &Layout, store: &dyn Store) -> Result<Vec<Error>> {
    let names = names(layout, store)?;
    let is_lost = |name: &&String| is_folder(name) && !names.contains(&format!("{name}.jsonl"));
    Ok(names.iter().filter(is_lost).map(|run| broken(layout, run, 1, "it is missing")).collect())
}

fn names(layout: &Layout, store: &dyn Store) -> Result<Vec<String>> {
    let folder = layout.journals();
    store.list(&folder).map_err(|error| Error::io("reading", &folder, error))
}

/// Whether a name beside the journals is that of a run's folder.
fn is_folder(name: &str) -> bool {
    !name.contains('.')
}

/// All that is wrong with what is on record of a run, also where it keeps no run from being recovered.
pub(crate) fn damage(layout: &Layout, run: &str, store: &dyn Store) -> Vec<Error> {
    match read(layout, run, store) {
        Err(error) => vec![error],
        Ok(None) => vec![broken(layout, run, 1, "it has no complete record")],
        Ok(Some(state)) if !state.is_open() => Vec::new(),
        Ok(Some(state)) => match own_folder(&layout.work(run), store) {
            Err(error) => vec![error],
            Ok(false) => vec![broken(layout, run, 1, "it does not say how its run ended")],
            Ok(true) => kept(layout, run, &state, store),
        },
    }
}

/// What is wrong with what an open run needs for its undo, or for its end.
fn kept(layout: &Layout, run: &str, state: &RunState, store: &dyn Store) -> Vec<Error> {
    if state.stage == Stage::Committed {
        return match next(layout, state, store) {
            Ok(next) => next.iter().flat_map(|folder| folder.damage(store)).collect(),
            Err(error) => vec![error],
        };
    }
    let undos = state.steps.iter().filter(|record| record.status != StepStatus::Undone);
    let saved = undos.flat_map(|record| match &record.undo {
        Undo::Files { saved, .. } => saved.values().flatten().collect(),
        _ => Vec::new(),
    });
    saved.filter_map(|file| saved_file(layout, run, file, store).err()).collect()
}

/// The release that a committed run has made, where it is not the recorded one yet.
///
/// # Errors
/// [`Error::Damaged`], also where it is neither; as `read_whole`.
pub(crate) fn next(
    layout: &Layout,
    state: &RunState,
    store: &dyn Store,
) -> Result<Option<ReleaseFolder>> {
    let path = layout.next(&state.run);
    if let Some(found) = read_whole(&path, store)? {
        return Ok(Some(found));
    }
    if !own_folder(&layout.work(&state.run), store)? {
        // It goes when the release has been recorded.
        return Ok(None);
    }
    let current = read_whole(&layout.current(), store)?;
    match current.map(|folder| folder.release.id) == state.release {
        true => Ok(None),
        false => Err(damaged(&path, "it is missing")),
    }
}

/// The old content of a file that a run replaces.
///
/// # Errors
/// [`Error::Damaged`], [`Error::Outside`], [`Error::Io`].
pub(crate) fn saved_file(
    layout: &Layout,
    run: &str,
    file: &SavedFile,
    store: &dyn Store,
) -> Result<Vec<u8>> {
    let folder = saved_folder(&layout.work(run));
    own_folder(&folder, store)?;
    let path = contained(&folder, &file.name)?;
    let bytes = own_file(&path, store)?;
    if file.digest.as_ref().is_some_and(|sum| *sum != digest(&bytes)) {
        return Err(damaged(&path, "its digest does not match"));
    }
    Ok(bytes)
}

/// Where a run keeps what it replaces.
pub(crate) fn saved_folder(work: &Path) -> PathBuf {
    work.join("saved")
}

fn broken(layout: &Layout, run: &str, line: usize, problem: impl Into<String>) -> Error {
    Error::Journal { file: layout.journal(run), line, problem: problem.into() }
}
