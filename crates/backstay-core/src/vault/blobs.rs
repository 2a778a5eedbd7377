//! Files by their digest.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::digest::hex;
use crate::ports::{EntryKind, Store};

/// The folder `blobs/sha256`.
pub(super) struct Blobs {
    folder: PathBuf,
    store: Arc<dyn Store>,
}

/// A blob that was stored.
pub(super) struct Stored {
    pub(super) sha256: String,
    pub(super) size: u64,
    /// Whether it was not there before.
    pub(super) added: bool,
}

impl Blobs {
    pub(super) fn new(root: &Path, store: Arc<dyn Store>) -> Self {
        Self { folder: root.join("blobs").join("sha256"), store }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn file(&self, sha256: &str) -> PathBuf {
        self.folder.join(sha256)
    }

    pub(super) fn has(&self, sha256: &str, size: u64) -> io::Result<bool> {
        let found = self.store.metadata(&self.file(sha256))?;
        Ok(found.is_some_and(|found| found.kind == EntryKind::File && found.len == size))
    }

    pub(super) fn open(&self, sha256: &str) -> io::Result<Box<dyn Read + Send>> {
        let file = self.file(sha256);
        self.store.open(&file).map_err(|error| named(&file, error))
    }

    pub(super) fn remove(&self, sha256: &str) -> io::Result<()> {
        self.store.remove_file(&self.file(sha256))
    }

    /// Stores what `content` holds, once. Where the export says which digest and size to expect, something else is an error,
    /// and a blob that is there already is read past and not written again.
    pub(super) fn put(
        &self,
        content: &mut dyn Read,
        expected: Option<(&str, u64)>,
    ) -> io::Result<Stored> {
        let known = match expected {
            Some((sha256, size)) => self.has(sha256, size)?,
            None => false,
        };
        let mut staged = if known { None } else { Some(self.store.stage(&self.folder)?) };
        let mut hash = Sha256::new();
        let mut size = 0;
        let mut part = vec![0; 128 * 1024];
        loop {
            let count = match content.read(&mut part) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            hash.update(&part[..count]);
            size += count as u64;
            if let Some(staged) = &mut staged {
                staged.write_all(&part[..count])?;
            }
        }
        let sha256 = hex(&hash.finalize());
        if let Some((wanted, wanted_size)) = expected
            && (wanted != sha256 || wanted_size != size)
        {
            let text = format!("the export is damaged: blob {wanted} has the digest {sha256}");
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        let added = match staged {
            Some(staged) if !self.has(&sha256, size)? => {
                let file = self.file(&sha256);
                staged.publish(&file).map_err(|error| named(&file, error))?;
                true
            }
            _ => false,
        };
        Ok(Stored { sha256, size, added })
    }
}

/// The same error with the file that it is about.
pub(super) fn named(file: &Path, error: io::Error) -> io::Error {
    // A full disk has to be told by its kind.
    io::Error::new(error.kind(), format!("`{}`: {error}", file.display()))
}
