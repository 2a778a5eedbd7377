//! A release's folder: `release.json`, the compose file and `.env` as plain copies, `containers.json`, the rest under
//! `files/`.

use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use super::record::{DecodeError, FileRecord, Release, VERSION};
use crate::digest::digest;
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::ports::{EntryKind, Store};

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

impl ReleaseFolder {
    /// What the engine said of the release's containers when it was recorded.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Damaged`].
    pub fn containers(&self, store: &dyn Store) -> Result<Vec<Value>> {
        let path = self.path.join(CONTAINERS);
        let bytes = store.read(&path).map_err(|error| Error::io("reading", &path, error))?;
        serde_json::from_slice(&bytes)
            .map_err(|error| Error::Damaged { file: path, problem: error.to_string() })
    }

    /// The resolved model of the release, as Compose printed it.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn model(&self, store: &dyn Store) -> Result<String> {
        let path = self.path.join(MODEL);
        let bytes = store.read(&path).map_err(|error| Error::io("reading", &path, error))?;
        String::from_utf8(bytes)
            .map_err(|error| Error::Damaged { file: path, problem: error.to_string() })
    }

    /// The content of one of its files, checked against its digest.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Damaged`], [`Error::Outside`] for a stored name that leaves the folder.
    pub fn file(&self, record: &FileRecord, store: &dyn Store) -> Result<Option<Vec<u8>>> {
        let Some(stored) = &record.stored else { return Ok(None) };
        let path = contained(&self.path, stored)?;
        let bytes = store.read(&path).map_err(|error| Error::io("reading", &path, error))?;
        if record.digest.as_deref() != Some(&digest(&bytes)) {
            return Err(Error::Damaged {
                file: path,
                problem: "its digest does not match".to_owned(),
            });
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
    // Plain and readable: the guide's own three files are always there.
    if !release.files.iter().any(|file| file.stored.as_deref() == Some(".env")) {
        let place = path.join(".env");
        store.write(&place, b"", 0o600).map_err(io(&place))?;
    }
    let place = path.join(CONTAINERS);
    let mut json = serde_json::to_vec_pretty(containers).unwrap_or_default();
    json.push(b'\n');
    store.write(&place, &json, 0o600).map_err(io(&place))?;
    let place = path.join(MODEL);
    store.write(&place, model.as_bytes(), 0o600).map_err(io(&place))?;
    let place = path.join(MANIFEST);
    let manifest = release.encode().map_err(|error| Error::io("writing", &place, error.into()))?;
    store.write(&place, &manifest, 0o600).map_err(io(&place))?;
    Ok(release)
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
    let bytes = store.read(&file).map_err(|error| Error::io("reading", &file, error))?;
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

/// Removes a folder of `.backup/` so that a crash leaves either all of it or no backup: it gets another name first.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn discard(layout: &Layout, folder: &str, store: &dyn Store) -> Result<()> {
    let (path, away) = (layout.backup(folder), layout.discarded(folder));
    let io = |error| Error::io("removing", &path, error);
    store.remove_dir(&away).map_err(io)?;
    if store.metadata(&path).map_err(io)?.is_none() {
        return Ok(());
    }
    store.create_dir(&layout.journals()).map_err(io)?;
    store.rename(&path, &away).map_err(io)?;
    store.remove_dir(&away).map_err(io)
}

/// `root/name`, when that is below `root`.
///
/// # Errors
/// [`Error::Outside`].
pub(crate) fn contained(root: &Path, name: &str) -> Result<PathBuf> {
    let relative = Path::new(name);
    if name.is_empty() || !relative.components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(Error::Outside { path: root.join(name), root: root.to_owned() });
    }
    Ok(root.join(relative))
}

/// The first compose file is `docker-compose.yml` and the env file `.env`, whatever their names; others keep their path.
fn stored_name(record: &FileRecord, release: &Release) -> String {
    let place = release.stack.directory.join(&record.path);
    if release.stack.files.first() == Some(&place) {
        return "docker-compose.yml".to_owned();
    }
    if release.stack.interpolation_files().first() == Some(&place) {
        return ".env".to_owned();
    }
    format!("files/{}", record.path)
}
