//! A release's folder: `release.json`, the compose file and `.env` as plain copies, `containers.json`, the rest under
//! `files/`.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::record::{FileRecord, Release, VERSION};
use super::replaced;
use crate::digest::digest;
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::sealed::DecodeError;
use crate::stack::Model;
use crate::store::{EntryKind, Store};
use crate::store::{contained, damaged, own_file, own_folder, own_place, present};

/// A release with the place where its parts are.
#[derive(Debug, Clone)]
pub struct ReleaseFolder {
    /// The folder.
    pub path: PathBuf,
    /// The manifest.
    pub release: Release,
}

const MANIFEST: &str = "release.json";
const CONTAINERS: &str = "containers.json";
const MODEL: &str = "model.yml";

/// What the first compose file is called here.
const COMPOSE_FILE: &str = "docker-compose.yml";

/// What the first env file is called here.
const DOT_ENV: &str = ".env";

/// The services that an update was about, one a line: the guide's own file.
const SERVICES: &str = "services.txt";

const MISMATCH: &str = "its digest does not match";

impl ReleaseFolder {
    /// What the engine said of the release's containers when it was recorded.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Damaged`].
    pub fn containers(&self, store: &dyn Store) -> Result<Vec<Value>> {
        let (path, bytes) = self.part(CONTAINERS, store)?;
        serde_json::from_slice(&bytes).map_err(|error| damaged(&path, error.to_string()))
    }

    /// The resolved model of the release, as Compose printed it.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Damaged`].
    pub fn model(&self, store: &dyn Store) -> Result<String> {
        let (path, bytes) = self.part(MODEL, store)?;
        String::from_utf8(bytes).map_err(|error| damaged(&path, error.to_string()))
    }

    /// The same, parsed. One that can't be read says nothing.
    pub(crate) fn parsed_model(&self, store: &dyn Store) -> Option<Model> {
        Model::parse(&self.model(store).ok()?).ok()
    }

    /// The services that the run was about for which this backup was made; none where it was about all of them.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Damaged`].
    pub fn services(&self, store: &dyn Store) -> Result<Vec<String>> {
        if !self.release.parts.contains_key(SERVICES) {
            return services_of(&self.path, store);
        }
        self.part(SERVICES, store).map(|(_, bytes)| services_in(&bytes))
    }

    /// A file beside the manifest, checked against its digest where one was recorded.
    fn part(&self, name: &str, store: &dyn Store) -> Result<(PathBuf, Vec<u8>)> {
        let path = contained(&self.path, name)?;
        let bytes = own_file(&path, store)?;
        match self.release.parts.get(name) {
            Some(sum) if *sum != digest(&bytes) => Err(damaged(&path, MISMATCH)),
            _ => Ok((path, bytes)),
        }
    }

    /// Everything that is wrong with it: each file that can't be read or is not what was recorded.
    #[must_use]
    pub fn damage(&self, store: &dyn Store) -> Vec<Error> {
        let files = self.release.files.iter().map(|record| self.file(record, store).map(drop));
        let mut found: Vec<Error> = files.filter_map(Result::err).collect();
        found.extend(self.containers(store).err());
        match self.model(store) {
            Ok(model) => {
                let error = Model::parse(&model).err();
                found.extend(error.map(|error| damaged(&self.path.join(MODEL), error.to_string())));
            }
            Err(error) => found.push(error),
        }
        let read = [CONTAINERS, MODEL];
        let others = self.release.parts.keys().filter(|name| !read.contains(&name.as_str()));
        found.extend(others.filter_map(|name| self.part(name, store).err()));
        found.extend(replaced::damage(&self.path, store));
        found
    }

    /// The content of one of its files, checked against its digest.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Damaged`], [`Error::Outside`] for a stored name that leaves the folder.
    pub fn file(&self, record: &FileRecord, store: &dyn Store) -> Result<Option<Vec<u8>>> {
        let Some(stored) = &record.stored else { return Ok(None) };
        let path = own_place(&self.path, stored, store)?;
        let bytes = own_file(&path, store)?;
        if record.digest.as_deref() != Some(&digest(&bytes)) {
            return Err(damaged(&path, MISMATCH));
        }
        Ok(Some(bytes))
    }
}

/// Writes a release into a new folder: the manifest last, so that a folder with a manifest is whole.
///
/// # Errors
/// [`Error::Io`]; the folder is then without a manifest.
pub fn write_release(
    path: &Path,
    mut release: Release,
    files: &[(FileRecord, Option<Vec<u8>>)],
    containers: &[Value],
    model: &str,
    services: Option<&[String]>,
    store: &dyn Store,
) -> Result<Release> {
    let io = |place: &Path| {
        let place = place.to_owned();
        move |error| Error::io("writing", &place, error)
    };
    store.remove_dir(path).map_err(io(path))?;
    store.create_dir(path).map_err(io(path))?;
    release.files.clear();
    for (record, content) in files {
        let mut record = record.clone();
        if let Some(content) = content {
            let stored = stored_name(&record, &release);
            let place = contained(path, &stored)?;
            if let Some(folder) = place.parent() {
                store.create_dir(folder).map_err(io(folder))?;
            }
            store.write(&place, content, 0o600).map_err(io(&place))?;
            record.stored = Some(stored);
        }
        release.files.push(record);
    }
    let mut json = serde_json::to_vec_pretty(containers).unwrap_or_default();
    json.push(b'\n');
    let mut parts = vec![(CONTAINERS, json), (MODEL, model.as_bytes().to_vec())];
    // Plain and readable: the guide's own three files are always there.
    if !release.files.iter().any(|file| file.stored.as_deref() == Some(DOT_ENV)) {
        parts.push((DOT_ENV, Vec::new()));
    }
    if let Some(services) = services {
        let lines: String = services.iter().map(|name| format!("{name}\n")).collect();
        parts.push((SERVICES, lines.into_bytes()));
    }
    release.parts.clear();
    for (name, bytes) in parts {
        let place = path.join(name);
        store.write(&place, &bytes, 0o600).map_err(io(&place))?;
        release.parts.insert(name.to_owned(), digest(&bytes));
    }
    let place = path.join(MANIFEST);
    let manifest = release.encode().map_err(|error| Error::io("writing", &place, error.into()))?;
    store.write(&place, &manifest, 0o600).map_err(io(&place))?;
    Ok(release)
}

/// What a `services.txt` in this folder says, one that the old scripts wrote too; nothing where there is none.
///
/// # Errors
/// [`Error::Io`].
pub(super) fn services_of(path: &Path, store: &dyn Store) -> Result<Vec<String>> {
    let place = path.join(SERVICES);
    Ok(present(store.read(&place), &place)?.map(|bytes| services_in(&bytes)).unwrap_or_default())
}

fn services_in(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let names = text
        .split(['\n', ','])
        .map(|name| name.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}'));
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Whether a folder without a manifest is one of the old scripts', and not one of ours that has lost it.
///
/// # Errors
/// [`Error::Io`].
pub(super) fn is_plain(path: &Path, store: &dyn Store) -> Result<bool> {
    let has = |name: &str| {
        let place = path.join(name);
        store
            .metadata(&place)
            .map(|found| found.is_some())
            .map_err(|error| Error::io("reading", &place, error))
    };
    Ok(!has(MODEL)? && (has(COMPOSE_FILE)? || has(SERVICES)?))
}

/// Reads a release's folder; `None` where there is no manifest in it.
///
/// # Errors
/// [`Error::Damaged`], [`Error::TooNew`], [`Error::Io`].
pub fn read_release(path: &Path, store: &dyn Store) -> Result<Option<ReleaseFolder>> {
    let file = path.join(MANIFEST);
    let found = store.metadata(path).map_err(|error| Error::io("reading", path, error))?;
    if found.is_none_or(|found| found.kind != EntryKind::Directory) {
        return Ok(None);
    }
    let found = store.metadata(&file).map_err(|error| Error::io("reading", &file, error))?;
    if found.is_none() {
        return Ok(None);
    }
    let bytes = own_file(&file, store)?;
    match Release::decode(&bytes) {
        Ok(release) => {
            for record in &release.files {
                if !record.outside {
                    contained(path, &record.path)?;
                }
            }
            Ok(Some(ReleaseFolder { path: path.to_owned(), release }))
        }
        Err(DecodeError::Damaged(problem)) => Err(Error::Damaged { file, problem }),
        Err(DecodeError::TooNew(found)) => Err(Error::TooNew { file, found, known: VERSION }),
    }
}

/// The release in a folder, which has to be one where there is a folder at all.
///
/// # Errors
/// As [`read_release`], and [`Error::Damaged`] where something else is there.
pub(crate) fn read_whole(path: &Path, store: &dyn Store) -> Result<Option<ReleaseFolder>> {
    if !own_folder(path, store)? {
        return Ok(None);
    }
    let found = read_release(path, store)?;
    found.map(Some).ok_or_else(|| damaged(&path.join(MANIFEST), "it is missing"))
}

/// Removes a backup, or the record of what runs, so that a crash leaves either all of it or no backup: it gets another name first.
///
/// # Errors
/// [`Error::Outside`] for what is not the name of a folder right there, [`Error::Io`].
pub(crate) fn discard(layout: &Layout, folder: &str, store: &dyn Store) -> Result<()> {
    let current = layout.current();
    let is_current = current.file_name().is_some_and(|name| name == folder);
    let root = if is_current { layout.root().to_owned() } else { layout.backups() };
    let path = contained(&root, folder)?;
    if path.parent() != Some(&root) {
        return Err(Error::Outside { path, root });
    }
    let away = layout.discarded(folder);
    let io = |error| Error::io("removing", &path, error);
    remove(&away, store).map_err(io)?;
    if store.metadata(&path).map_err(io)?.is_none() {
        return Ok(());
    }
    store.create_dir(&layout.journals()).map_err(io)?;
    store.rename(&path, &away).map_err(io)?;
    remove(&away, store).map_err(io)
}

/// Removes a folder, or whatever is in its place.
fn remove(path: &Path, store: &dyn Store) -> std::io::Result<()> {
    match store.metadata(path)? {
        Some(found) if found.kind != EntryKind::Directory => store.remove_file(path),
        _ => store.remove_dir(path),
    }
}

/// The first compose file is `docker-compose.yml` and the env file `.env`, whatever their names; others keep their path.
fn stored_name(record: &FileRecord, release: &Release) -> String {
    let place = release.stack.directory.join(&record.path);
    if release.stack.files.first() == Some(&place) {
        return COMPOSE_FILE.to_owned();
    }
    if release.stack.interpolation_files().first() == Some(&place) {
        return DOT_ENV.to_owned();
    }
    if record.outside {
        return replaced::stored_path(&record.path);
    }
    format!("files/{}", record.path)
}
