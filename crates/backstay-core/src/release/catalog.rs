//! The backups of a stack, as a list.

use std::path::{Component, Path, PathBuf};

use super::folder::{ReleaseFolder, is_plain, read_release, read_whole, services_of};
use super::premises::check_premises;
use super::record::Release;
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::naming::plain;
use crate::store::damaged;
use crate::store::{EntryKind, Store};

/// What is kept under `.backup/`.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// The release that runs now, where one is recorded.
    pub current: Option<ReleaseFolder>,
    /// The backups, newest first.
    pub entries: Vec<Entry>,
    /// The runs that have a journal, oldest first.
    pub runs: Vec<String>,
    /// Whether all of the record of what runs can be read.
    is_whole: bool,
    /// Whether `.backup` in the stack's folder leads to another project's.
    is_others_entrance: bool,
}

/// A folder under `.backup/` that is a backup.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its name.
    pub folder: String,
    /// What is in it.
    pub state: EntryState,
    /// For an update's backup, the services that the update was about.
    pub services: Vec<String>,
}

/// What is in a backup's folder.
#[derive(Debug, Clone)]
pub enum EntryState {
    /// A release.
    Release(Box<ReleaseFolder>),
    /// The three files that the old scripts wrote.
    Plain,
    /// Something that can't be used; why.
    Damaged(String),
}

impl Entry {
    /// Whether it is the backup of an update.
    #[must_use]
    pub fn is_update(&self) -> bool {
        is_of_update(&self.folder)
    }

    /// Why it can't be used, as an error that names the file; `None` where it can.
    #[must_use]
    pub fn flaw(&self, layout: &Layout, store: &dyn Store) -> Option<Error> {
        let EntryState::Damaged(problem) = &self.state else { return None };
        let path = layout.backup(&self.folder);
        let found = read_whole(&path, store).and_then(|folder| match folder {
            Some(folder) => folder.services(store).map(drop),
            None => Ok(()),
        });
        Some(found.err().unwrap_or_else(|| damaged(&path, problem.clone())))
    }

    /// The release.
    ///
    /// # Errors
    /// Why there is none that can be used.
    pub(crate) fn good(&self, layout: &Layout, store: &dyn Store) -> Result<&ReleaseFolder> {
        match &self.state {
            EntryState::Release(folder) => Ok(folder),
            EntryState::Plain => Err(Error::Incomplete {
                release: self.folder.clone(),
                missing: vec!["`release.json`: it was not made by Backstay".to_owned()],
            }),
            EntryState::Damaged(problem) => Err(self
                .flaw(layout, store)
                .unwrap_or_else(|| damaged(&layout.backup(&self.folder), problem.clone()))),
        }
    }

    /// The release, where the backup is a good one.
    #[must_use]
    pub fn release(&self) -> Option<&ReleaseFolder> {
        match &self.state {
            EntryState::Release(folder) => Some(folder),
            _ => None,
        }
    }
}

/// How the name of an update's backup begins.
const UPDATE: &str = "update_";

/// Whether a backup of this name is that of an update.
pub(crate) fn is_of_update(folder: &str) -> bool {
    folder.starts_with(UPDATE)
}

impl Catalog {
    /// Reads the list. A damaged backup is an entry like others; it does not hide the good ones.
    ///
    /// # Errors
    /// [`Error::Io`] when the folder itself can't be read, [`Error::Damaged`] when the record of what runs is damaged.
    pub fn read(layout: &Layout, store: &dyn Store) -> Result<Self> {
        let entries = Self::entries(layout, store)?;
        let current = current(layout, store)?;
        let is_others_entrance = leads_elsewhere(layout, store);
        Ok(Self {
            current,
            entries,
            runs: runs(layout, store)?,
            is_whole: true,
            is_others_entrance,
        })
    }

    /// The same where the record of what runs may be damaged: then it does not hide what else is kept, and what is wrong
    /// with it is said.
    ///
    /// # Errors
    /// [`Error::Io`] when the folder itself can't be read.
    pub fn look(layout: &Layout, store: &dyn Store) -> Result<(Self, Option<Error>)> {
        let entries = Self::entries(layout, store)?;
        let (current, flaw) = match current(layout, store) {
            Ok(current) => {
                let flaw = current.iter().flat_map(|folder| folder.damage(store)).next();
                (current, flaw)
            }
            Err(error) => (None, Some(error)),
        };
        // That may be gone at the next look.
        let (current, flaw) = match flaw {
            Some(error @ Error::Io { .. }) => return Err(error),
            flaw => (current, flaw),
        };
        let runs = runs(layout, store)?;
        let (is_whole, is_others_entrance) = (flaw.is_none(), leads_elsewhere(layout, store));
        Ok((Self { current, entries, runs, is_whole, is_others_entrance }, flaw))
    }

    /// Whether nothing at all is on record of the stack.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.is_whole && self.current.is_none() && self.entries.is_empty()
    }

    /// The record of what runs, where there is one and all of it can be read.
    #[must_use]
    pub(crate) fn recorded(&self) -> Option<&ReleaseFolder> {
        self.current.as_ref().filter(|_| self.is_whole)
    }

    /// The backups alone, newest first: whatever the record of what runs is like.
    ///
    /// # Errors
    /// [`Error::Io`] when the folder itself can't be read.
    pub fn entries(layout: &Layout, store: &dyn Store) -> Result<Vec<Entry>> {
        check_premises(layout, store)?;
        let place = layout.backups();
        let names = store.list(&place).map_err(|error| Error::io("reading", &place, error))?;
        let mut entries: Vec<Entry> = names
            .into_iter()
            .filter(|name| is_backup_name(name))
            .filter_map(|name| entry(layout, name, store))
            .collect();
        entries.sort_by(|a, b| stamp(&b.folder).cmp(stamp(&a.folder)));
        Ok(entries)
    }

    /// The entry that a person means: a folder's name, a release's id, a path to a folder, or a number of the list from 1.
    ///
    /// # Errors
    /// [`Error::NoRelease`], [`Error::Outside`] for a path that is not right below `.backup/`.
    pub fn find(&self, name: &str, layout: &Layout) -> Result<&Entry> {
        if let Some(entry) = self.entries.iter().find(|entry| entry.folder == name) {
            return Ok(entry);
        }
        if let Some(entry) =
            self.entries.iter().find(|e| e.release().is_some_and(|r| r.release.id == name))
        {
            return Ok(entry);
        }
        if let Some(entry) =
            name.parse::<usize>().ok().and_then(|n| self.entries.get(n.checked_sub(1)?))
        {
            return Ok(entry);
        }
        let path = PathBuf::from(name.replace('\\', "/"));
        let path: PathBuf = path.components().filter(|part| *part != Component::CurDir).collect();
        // A path leads through the link of the stack's folder, or is that of the folder itself.
        let folder = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let parent = path.parent().unwrap_or(Path::new(""));
        if parent.as_os_str().is_empty() || folder.is_empty() {
            return Err(Error::NoRelease(name.to_owned()));
        }
        let is_entrance = parent == Path::new(Layout::FOLDER)
            || std::path::absolute(parent).is_ok_and(|parent| parent == layout.entrance());
        let is_place = std::path::absolute(parent).is_ok_and(|parent| parent == layout.backups());
        if !is_place && (!is_entrance || self.is_others_entrance) {
            return Err(Error::Outside { path, root: layout.backups() });
        }
        self.entries
            .iter()
            .find(|entry| entry.folder == folder)
            .ok_or_else(|| Error::NoRelease(name.to_owned()))
    }

    /// The backups of updates, newest first.
    #[must_use]
    pub fn updates(&self) -> Vec<&Entry> {
        self.entries.iter().filter(|entry| entry.is_update()).collect()
    }

    /// The update's backup that a person means; a number is one of the list of updates.
    ///
    /// # Errors
    /// As [`Catalog::find`].
    pub fn find_update(&self, name: &str, layout: &Layout) -> Result<&Entry> {
        let number = name.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        if let Some(entry) = number.and_then(|at| self.updates().get(at).copied()) {
            return Ok(entry);
        }
        let entry = self.find(name, layout)?;
        if entry.is_update() { Ok(entry) } else { Err(Error::NoRelease(name.to_owned())) }
    }
}

/// The runs that have a journal, oldest first.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn runs(layout: &Layout, store: &dyn Store) -> Result<Vec<String>> {
    let folder = layout.journals();
    let names = store.list(&folder).map_err(|error| Error::io("reading", &folder, error))?;
    Ok(names.iter().filter_map(|name| name.strip_suffix(".jsonl")).map(str::to_owned).collect())
}

fn entry(layout: &Layout, name: String, store: &dyn Store) -> Option<Entry> {
    let path = layout.backup(&name);
    let problem = match store.metadata(&path) {
        Ok(None) => return None,
        Ok(Some(found)) => match found.kind {
            EntryKind::Directory => None,
            EntryKind::Link => Some("it is a link".to_owned()),
            EntryKind::File | EntryKind::Other => Some("it is not a folder".to_owned()),
        },
        Err(error) => Some(error.to_string()),
    };
    if let Some(problem) = problem {
        let state = EntryState::Damaged(problem);
        return Some(Entry { folder: name, state, services: Vec::new() });
    }
    let state = match read_release(&path, store) {
        Ok(Some(folder)) => match foreign(&folder.release, layout) {
            None => EntryState::Release(Box::new(folder)),
            Some(problem) => EntryState::Damaged(problem),
        },
        Ok(None) => match is_plain(&path, store) {
            Ok(true) => EntryState::Plain,
            Ok(false) => EntryState::Damaged("it has no `release.json`".to_owned()),
            Err(error) => EntryState::Damaged(error.to_string()),
        },
        Err(error) => EntryState::Damaged(error.to_string()),
    };
    let services = match &state {
        _ if !name.starts_with(UPDATE) => Ok(Vec::new()),
        EntryState::Release(folder) => folder.services(store),
        _ => services_of(&path, store),
    };
    Some(match services {
        Ok(services) => Entry { folder: name, state, services },
        Err(error) => {
            let state = EntryState::Damaged(error.to_string());
            Entry { folder: name, state, services: Vec::new() }
        }
    })
}

/// Whether `.backup` in the stack's folder is a link to something else than what is kept of this stack.
fn leads_elsewhere(layout: &Layout, store: &dyn Store) -> bool {
    let is_here = |target: &Path| target == layout.root() || target == layout.backups();
    store.read_link(&layout.entrance()).is_ok_and(|target| !is_here(&target))
}

/// Whose a record is that is not this stack's; it is never used.
fn foreign(release: &Release, layout: &Layout) -> Option<String> {
    let (engine, project) = layout.owner()?;
    if release.project != project {
        return Some(format!("it is of the project `{}`, not of `{project}`", release.project));
    }
    let is_other = |other: &&str| plain(other) != plain(engine);
    let other = release.engine.as_deref().filter(is_other)?;
    Some(format!("it is of the engine {other}, not of {engine}"))
}

/// The record of what runs.
fn current(layout: &Layout, store: &dyn Store) -> Result<Option<ReleaseFolder>> {
    let found = read_whole(&layout.current(), store)?;
    if let Some(problem) = found.as_ref().and_then(|found| foreign(&found.release, layout)) {
        return Err(damaged(&layout.current(), problem));
    }
    Ok(found)
}

/// The project that a folder is about: that of the release which ran last, or else of the newest backup that says it.
pub(crate) fn recorded_project(root: &Path, store: &dyn Store) -> Option<String> {
    let project = |name: &str| {
        let found = read_release(&root.join(name), store).ok().flatten()?;
        Some(found.release.project)
    };
    let mut names = store.list(root).unwrap_or_default();
    names.retain(|name| is_backup_name(name));
    names.sort_by(|a, b| stamp(b).cmp(stamp(a)));
    project("current").or_else(|| names.iter().find_map(|name| project(name)))
}

/// `20240129_143052`, or the same after `update_`.
pub(crate) fn is_backup_name(name: &str) -> bool {
    let stamp = stamp(name);
    stamp.len() == 15
        && stamp
            .bytes()
            .enumerate()
            .all(|(at, byte)| if at == 8 { byte == b'_' } else { byte.is_ascii_digit() })
}

/// The time in the name of a backup.
pub(crate) fn stamp(name: &str) -> &str {
    name.strip_prefix(UPDATE).unwrap_or(name)
}
