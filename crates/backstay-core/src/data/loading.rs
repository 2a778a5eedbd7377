//! Reading saved data: checked against its digest first, so that nothing damaged is ever given to a server.

use std::io::{self, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};
use zstd::stream::read::Decoder;

use super::CommandFailed;
use super::cipher::failed;
use super::record::{SavedData, read};
use crate::context::Context;
use crate::digest::hex;
use crate::error::{Error, Result};
use crate::ports::Stop;
use crate::stack::Encrypt;
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

/// What was saved, on its way back. Dropping it ends the command that decrypts it.
pub(crate) struct Coming {
    failed: Failed,
    _stop: Option<Stop>,
}

/// Why the command failed that decrypts, where it did.
type Failed = Arc<Mutex<Option<CommandFailed>>>;

impl Coming {
    /// The command's own failure, which says more than that of whoever took what it made.
    pub(crate) fn failed(&self) -> Option<CommandFailed> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Notes why what it reads breaks off.
struct Noting {
    input: Box<dyn Read + Send>,
    failed: Failed,
}

impl Read for Noting {
    fn read(&mut self, part: &mut [u8]) -> io::Result<usize> {
        self.input.read(part).inspect_err(|error| {
            let mut noted = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
            *noted = failed(error).cloned().or_else(|| noted.take());
        })
    }
}

/// Reads all of what is encrypted, so that what can't be decrypted is known before anything is touched.
///
/// # Errors
/// [`Error::Outside`], [`Error::Io`].
pub(crate) async fn try_out(
    folder: &Path,
    saved: &SavedData,
    ctx: &Context,
    project: &Path,
) -> Result<Option<CommandFailed>> {
    let Some(Encrypt { decrypt, .. }) = &saved.set.encrypt else { return Ok(None) };
    let path = contained(folder, &saved.file)?;
    let io = |error: io::Error| Error::io("reading", &path, error);
    let input = ctx.store.open(&path).map_err(io)?;
    match ctx.commands.try_through(project, decrypt, input).await {
        Ok(()) => Ok(None),
        Err(error) => failed(&error).cloned().map(Some).ok_or_else(|| io(error)),
    }
}

/// What was saved, as it was before it was compressed and encrypted. `project` is the folder in which commands run.
///
/// # Errors
/// [`Error::Outside`], [`Error::Io`].
pub(crate) fn open(
    folder: &Path,
    saved: &SavedData,
    ctx: &Context,
    project: &Path,
) -> Result<(Box<dyn Read + Send>, Coming)> {
    let path = contained(folder, &saved.file)?;
    let io = |error: io::Error| Error::io("reading", &path, error);
    let file = ctx.store.open(&path).map_err(io)?;
    let failed = Failed::default();
    let (file, stop): (Box<dyn Read + Send>, _) = match &saved.set.encrypt {
        None => (file, None),
        Some(Encrypt { decrypt, .. }) => {
            let through = ctx.commands.through(project, decrypt, file).map_err(io)?;
            let noting = Noting { input: through.output, failed: failed.clone() };
            (Box::new(noting), Some(through.stop))
        }
    };
    let input: Box<dyn Read + Send> = match saved.set.is_packed() {
        true => Box::new(Decoder::new(file).map_err(io)?),
        false => file,
    };
    Ok((input, Coming { failed, _stop: stop }))
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
