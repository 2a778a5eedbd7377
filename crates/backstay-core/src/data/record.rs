//! `data.json`: which data lies beside a release in its backup. `docs/release-format.md` is its specification. What it does not name
//! is no whole copy of anything.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::sealed::{DecodeError, seal, unseal};
use crate::stack::DataSet;
use crate::store::{Store, contained, damaged, own_file};

/// The newest format that is known here.
const VERSION: u64 = 1;

/// Its name in a backup's folder.
const NAME: &str = "data.json";

/// What data lies in a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DataRecord {
    /// The format's version.
    pub version: u64,
    /// The sets, by name.
    pub sets: BTreeMap<String, SavedData>,
}

/// One set, as it was saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedData {
    /// What was said of it then.
    pub set: DataSet,
    /// Its file in the backup's folder.
    pub file: String,
    /// The file's size in bytes.
    pub size: u64,
    /// Bytes before they were compressed.
    pub raw: u64,
    /// The file's digest.
    pub digest: String,
    /// The moment of which it is: when saving it began, RFC 3339, in UTC.
    pub at: String,
    /// The id of the image of the container that it was read from.
    pub image: String,
}

/// Reads it; `None` where no data lies in the folder.
///
/// # Errors
/// [`Error::Damaged`], [`Error::TooNew`], [`Error::Io`].
pub(crate) fn read(folder: &Path, store: &dyn Store) -> Result<Option<DataRecord>> {
    let file = folder.join(NAME);
    let found = store.metadata(&file).map_err(|error| Error::io("reading", &file, error))?;
    if found.is_none() {
        return Ok(None);
    }
    match unseal(&own_file(&file, store)?, VERSION) {
        Ok(record) => Ok(Some(record)),
        Err(DecodeError::Damaged(problem)) => Err(damaged(&file, problem)),
        Err(DecodeError::TooNew(found)) => Err(Error::TooNew { file, found, known: VERSION }),
    }
}

/// Writes it; without any set it goes.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn write(folder: &Path, record: &DataRecord, store: &dyn Store) -> Result<()> {
    let file = folder.join(NAME);
    let io = |error| Error::io("writing", &file, error);
    if record.sets.is_empty() {
        return store.remove_file(&file).map_err(io);
    }
    let bytes = seal(record).map_err(|error| io(error.into()))?;
    store.write(&file, &bytes, 0o600).map_err(io)
}

/// Adds a set that is whole on the disk.
///
/// # Errors
/// As [`read`] and [`write`].
pub(crate) fn note(folder: &Path, saved: SavedData, store: &dyn Store) -> Result<()> {
    let none = || DataRecord { version: VERSION, sets: BTreeMap::new() };
    let mut record = read(folder, store)?.unwrap_or_else(none);
    record.sets.insert(saved.set.name.clone(), saved);
    write(folder, &record, store)
}

/// Removes a set: first from the record, so that no part of it is ever taken for whole.
///
/// # Errors
/// As [`read`] and [`write`].
pub(crate) fn remove(folder: &Path, name: &str, store: &dyn Store) -> Result<()> {
    let Some(mut record) = read(folder, store)? else { return Ok(()) };
    let Some(saved) = record.sets.remove(name) else { return Ok(()) };
    write(folder, &record, store)?;
    let file = contained(folder, &saved.file)?;
    store.remove_file(&file).map_err(|error| Error::io("removing", &file, error))
}
