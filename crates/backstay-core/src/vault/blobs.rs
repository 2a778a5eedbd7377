//! Files by their digest.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::RESERVE;
use super::index::Packed;
use super::pack::{SAMPLE, Sink};
use crate::digest::hex;
use crate::store::{EntryKind, Store};

/// The folder `blobs/sha256`.
pub(super) struct Blobs {
    folder: PathBuf,
    store: Arc<dyn Store>,
}

/// Bytes after which the room is looked at again.
const PACE: u64 = 8 << 20;

/// Content that was stored.
pub(super) struct Stored {
    pub(super) sha256: String,
    pub(super) size: u64,
    /// The blob that holds it compressed, where it is.
    pub(super) packed: Option<Packed>,
    /// The blob's name, where it was not there before.
    pub(super) added: Option<String>,
}

/// Which content is kept compressed, by its digest.
pub(super) type Layers = BTreeMap<String, Packed>;

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

    /// Writes a small blob as it is.
    pub(super) fn write(&self, sha256: &str, bytes: &[u8]) -> io::Result<()> {
        let file = self.file(sha256);
        self.store.write(&file, bytes, 0o600).map_err(|error| named(&file, error))
    }

    /// Stores what `content` holds, once, compressed where that pays. Where the export says which digest and size to expect,
    /// something else is an error, and content that is there already is read past and not written again.
    pub(super) fn put(
        &self,
        content: &mut dyn Read,
        expected: Option<(&str, u64)>,
        layers: &Layers,
    ) -> io::Result<Stored> {
        let known = match expected {
            Some((sha256, size)) => self.holder(sha256, size, layers)?,
            None => None,
        };
        let mut part = vec![0; SAMPLE];
        let mut filled = fill(content, &mut part)?;
        let mut sink = match known {
            Some(_) => None,
            None if self.store.available(&self.folder)? < RESERVE => return Err(no_room()),
            None => Some(Sink::new(self.store.stage(&self.folder)?, &part[..filled])?),
        };
        let mut hash = Sha256::new();
        let mut size = 0;
        while filled > 0 {
            hash.update(&part[..filled]);
            size += filled as u64;
            if let Some(sink) = &mut sink {
                if size / PACE != (size - filled as u64) / PACE
                    && self.store.available(&self.folder)? < RESERVE
                {
                    return Err(no_room());
                }
                sink.write_all(&part[..filled])?;
            }
            filled = fill(content, &mut part)?;
        }
        let sha256 = hex(&hash.finalize());
        if let Some((wanted, wanted_size)) = expected
            && (wanted != sha256 || wanted_size != size)
        {
            let text = format!("the export is damaged: blob {wanted} has the digest {sha256}");
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        let Some(sink) = sink else {
            return Ok(Stored { sha256, size, packed: known.flatten(), added: None });
        };
        if let Some(packed) = self.holder(&sha256, size, layers)? {
            // An export that does not say what comes.
            return Ok(Stored { sha256, size, packed, added: None });
        }
        let (staged, packed) = sink.finish()?;
        let (name, len) = match &packed {
            Some(packed) => (&packed.sha256, packed.size),
            None => (&sha256, size),
        };
        let mut added = None;
        if !self.has(name, len)? {
            let file = self.file(name);
            staged.publish(&file).map_err(|error| named(&file, error))?;
            added = Some(name.clone());
        }
        Ok(Stored { sha256, size, packed, added })
    }

    /// How content is kept, where it is: compressed, or as it is.
    fn holder(
        &self,
        sha256: &str,
        size: u64,
        layers: &Layers,
    ) -> io::Result<Option<Option<Packed>>> {
        if let Some(packed) = layers.get(sha256)
            && self.has(&packed.sha256, packed.size)?
        {
            return Ok(Some(Some(packed.clone())));
        }
        Ok(self.has(sha256, size)?.then_some(None))
    }
}

/// Others that write to the same disk are not to be the first to whom it says that it is full.
fn no_room() -> io::Error {
    let text = format!("less than {} MB would be left free on the disk", RESERVE >> 20);
    io::Error::new(io::ErrorKind::StorageFull, text)
}

/// Reads until the part is full or the content has ended.
fn fill(content: &mut dyn Read, part: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < part.len() {
        match content.read(&mut part[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// The same error with the file that it is about.
pub(super) fn named(file: &Path, error: io::Error) -> io::Error {
    // A full disk has to be told by its kind.
    io::Error::new(error.kind(), format!("`{}`: {error}", file.display()))
}
