//! The files on disk that a run replaced, kept beside the backup that it made: `replaced/<path>`, and their digests in
//! `replaced.json`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::digest::digest;
use crate::error::{Error, Result};
use crate::sealed::{DecodeError, seal, unseal};
use crate::store::Store;
use crate::store::{contained, damaged, own_file, own_folder, own_place};

const FOLDER: &str = "replaced";
const LIST: &str = "replaced.json";

/// The newest format that is known here.
const VERSION: u64 = 1;

/// `replaced.json`.
#[derive(Debug, Serialize, Deserialize)]
struct List {
    version: u64,
    /// The digests by path.
    files: BTreeMap<String, String>,
}

/// Keeps files, each with its path in the stack.
///
/// # Errors
/// [`Error::Outside`], [`Error::Io`].
pub(crate) fn keep_replaced(
    backup: &Path,
    files: &[(&str, &[u8])],
    store: &dyn Store,
) -> Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    let write = |place: &Path, bytes: &[u8]| {
        store.write(place, bytes, 0o600).map_err(|error| Error::io("writing", place, error))
    };
    let mut list = List { version: VERSION, files: BTreeMap::new() };
    for (path, bytes) in files {
        let place = contained(&backup.join(FOLDER), &stored_path(path))?;
        if let Some(folder) = place.parent() {
            store.create_dir(folder).map_err(|error| Error::io("creating", folder, error))?;
        }
        write(&place, bytes)?;
        list.files.insert((*path).to_owned(), digest(bytes));
    }
    let place = backup.join(LIST);
    let bytes = seal(&list).map_err(|error| Error::io("writing", &place, error.into()))?;
    write(&place, &bytes)
}

/// Where a file is kept: one from outside of the stack has its whole path below `outside/`.
pub(super) fn stored_path(path: &str) -> String {
    let is_outside = Path::new(path).is_absolute();
    if !is_outside {
        return path.to_owned();
    }
    let parts = Path::new(path).iter().map(|part| part.to_string_lossy());
    let parts = parts.map(|part| part.replace(['/', '\\', ':'], ""));
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    format!("outside/{}", parts.join("/"))
}

/// What of it is not what was kept.
pub(super) fn damage(backup: &Path, store: &dyn Store) -> Vec<Error> {
    check(backup, store).unwrap_or_else(|error| vec![error])
}

fn check(backup: &Path, store: &dyn Store) -> Result<Vec<Error>> {
    let (folder, file) = (backup.join(FOLDER), backup.join(LIST));
    let is_listed =
        store.metadata(&file).map_err(|error| Error::io("reading", &file, error))?.is_some();
    if !own_folder(&folder, store)? && !is_listed {
        return Ok(Vec::new());
    }
    let list: List = match unseal(&own_file(&file, store)?, VERSION) {
        Ok(list) => list,
        Err(DecodeError::Damaged(problem)) => return Err(damaged(&file, problem)),
        Err(DecodeError::TooNew(found)) => {
            return Err(Error::TooNew { file, found, known: VERSION });
        }
    };
    let compare = |(path, sum): (&String, &String)| {
        let place = own_place(&folder, &stored_path(path), store)?;
        match digest(&own_file(&place, store)?) == *sum {
            true => Ok(()),
            false => Err(damaged(&place, "its digest does not match")),
        }
    };
    Ok(list.files.iter().filter_map(|file| compare(file).err()).collect())
}
