//! Reading saved data: checked against its digest first, so that nothing damaged is ever given to a server.

use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};
use zstd::stream::read::Decoder;

use super::record::{SavedData, read};
use crate::digest::hex;
use crate::error::{Error, Result};
use crate::store::{Store, contained, damaged, expect_file};

/// How much is read at a time.
const PART: usize = 256 * 1024;

/// Compares a file with its digest.
///
/// # Errors
/// [`Error::Damaged`], [`Error::Outside`], [`Error::Io`].
pub(crate) fn check(folder: &Path, saved: &SavedData, store: &dyn Store) -> Result<()> {
    let path = contained(folder, &saved.file)?;
    expect_file(&path, store)?;
    let io = |error| Error::io("reading", &path, error);
    let mut file = store.open(&path).map_err(io)?;
    let (mut hash, mut part) = (Sha256::new(), vec![0; PART]);
    loop {
        match file.read(&mut part).map_err(io)? {
            0 => break,
            count => hash.update(&part[..count]),
        }
    }
    match saved.digest == format!("sha256:{}", hex(&hash.finalize())) {
        true => Ok(()),
        false => Err(damaged(&path, "its digest does not match")),
    }
}

/// What was saved, as it was before it was compressed.
///
/// # Errors
/// [`Error::Outside`], [`Error::Io`].
pub(crate) fn open(
    folder: &Path,
    saved: &SavedData,
    store: &dyn Store,
) -> Result<Box<dyn Read + Send>> {
    let path = contained(folder, &saved.file)?;
    let io = |error: io::Error| Error::io("reading", &path, error);
    let file = store.open(&path).map_err(io)?;
    match saved.set.is_packed() {
        true => Ok(Box::new(Decoder::new(file).map_err(io)?)),
        false => Ok(file),
    }
}

/// Everything that is wrong with the data in a folder.
pub(crate) fn damage(folder: &Path, store: &dyn Store) -> Vec<Error> {
    match read(folder, store) {
        Ok(None) => Vec::new(),
        Ok(Some(record)) => {
            let checks = record.sets.values().map(|saved| check(folder, saved, store));
            checks.filter_map(Result::err).collect()
        }
        Err(error) => vec![error],
    }
}
