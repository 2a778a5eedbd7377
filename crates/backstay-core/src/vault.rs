//! The vault: images on disk, where no prune can reach them.
//!
//! It is an OCI image layout, which other tools can read. `blobs/sha256/<hex>` holds each file of an image's export once, by
//! its digest, and compressed where that pays. `images/<id>.json` lists what the export of one image consists of, so that
//! exactly that comes back. The list is written last, so that an image is there in full or not at all; `index.json` and the
//! manifests, which are for others, follow from the lists.

mod blobs;
mod check;
mod export;
mod import;
mod index;
mod moving;
mod oci;
mod pack;
mod sound;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Error, Result};
use crate::store::Store;
use crate::store::own_file;
use blobs::{Blobs, Layers, named};
use index::Index;
pub(crate) use index::is_digest;
pub(crate) use moving::image_file;

/// Bytes that are left free where the vault is: whatever else is on that disk goes on writing.
pub const RESERVE: u64 = 32 << 20;

/// A store of images under `.backup/vault/`.
#[derive(Clone)]
pub struct Vault {
    root: PathBuf,
    store: Arc<dyn Store>,
    /// Held by whoever adds or removes blobs: one import must not take away what another one has just found.
    writing: Arc<Mutex<()>>,
}

impl Vault {
    /// The vault in this folder.
    pub fn new(root: impl Into<PathBuf>, store: Arc<dyn Store>) -> Self {
        Self { root: root.into(), store, writing: Arc::default() }
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether an image is there in full: its list, and each blob with its size. Their content is not
    /// read.
    ///
    /// # Errors
    /// When the vault can't be read, or the list's format is newer than this program.
    pub fn has(&self, image: &str) -> io::Result<bool> {
        let index = match self.index(image) {
            Ok(index) => index,
            // What is damaged is not there: storing it again mends it.
            Err(Error::Damaged { .. }) => return Ok(false),
            Err(error) => return Err(to_io(error)),
        };
        let blobs = self.blobs();
        for (digest, size) in index.blobs() {
            if !blobs.has(digest, size)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Stores an image from the tar stream of the engine's export.
    ///
    /// # Errors
    /// When the stream or the disk fails, or an entry is not what an export consists of; the vault is then as it was.
    pub fn put(&self, image: &str, export: &mut dyn Read) -> io::Result<()> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let blobs = self.blobs();
        self.store.create_dir(blobs.folder())?;
        self.store.create_dir(&self.images_folder())?;
        let layers = self.layers()?;
        let mut added = Vec::new();
        let stored = import::import(&blobs, image, export, &layers, &mut added).and_then(|index| {
            let file = self.index_file(image);
            let written = self.store.write(&file, &index.to_bytes()?, 0o600);
            written.map_err(|error| named(&file, error))
        });
        if stored.is_err() {
            for digest in added {
                // What stays behind after a second failure is removed as garbage later.
                let _ = blobs.remove(&digest);
            }
        }
        stored
    }

    /// An image as the tar stream that the engine's export was, put together while it is read.
    ///
    /// # Errors
    /// When the image is not there. A damaged blob is an error of the stream that names the file.
    pub fn get(&self, image: &str) -> io::Result<Box<dyn Read + Send>> {
        let index = self.index(image).map_err(to_io)?;
        Ok(Box::new(export::Export::new(self.blobs(), index)))
    }

    /// The ids of the images that are listed.
    ///
    /// # Errors
    /// When the vault can't be read.
    pub fn images(&self) -> io::Result<BTreeSet<String>> {
        let names = self.store.list(&self.images_folder())?;
        Ok(names.iter().filter_map(|name| index::image_of(name)).collect())
    }

    /// Removes an image. Its blobs stay until [`collect_garbage`](Self::collect_garbage). One that is not there is fine.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn remove(&self, image: &str) -> io::Result<()> {
        self.store.remove_file(&self.index_file(image))
    }

    /// Removes every image but those in `keep`, and every blob that no image needs. What tools see is made to say what is left.
    ///
    /// # Errors
    /// When the disk fails, or the list of an image that is to stay can't be read: then no blob is removed.
    pub fn collect_garbage(&self, keep: &BTreeSet<String>) -> io::Result<()> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut kept = BTreeMap::new();
        for image in self.images()? {
            if keep.contains(&image) {
                let index = self.index(&image).map_err(to_io)?;
                kept.insert(image, index);
            } else {
                self.remove(&image)?;
            }
        }
        for name in self.store.list(&self.images_folder())? {
            // What a crash left of a write.
            if name.ends_with(".tmp") {
                self.store.remove_file(&self.images_folder().join(name))?;
            }
        }
        let blobs = self.blobs();
        let mut needed: BTreeSet<String> = BTreeSet::new();
        for index in kept.values() {
            needed.extend(index.blobs().map(|(digest, _)| digest.to_owned()));
        }
        // An image that can't be shown, because a part of it is gone, takes nothing from the others.
        let whole = kept.iter().filter(|(image, _)| self.has(image).unwrap_or(false));
        let shown = match self.store.metadata(&self.root)? {
            Some(_) => self.show(whole),
            None => Ok(BTreeSet::new()),
        };
        let shown = match shown {
            Ok(manifests) => {
                needed.extend(manifests);
                Ok(())
            }
            // A full disk gets room nevertheless, and what is shown so far stays whole.
            Err(error) => {
                let manifests = self.manifests().unwrap_or_default();
                needed.extend(manifests.into_iter().map(|(sha256, _)| sha256));
                Err(error)
            }
        };
        for name in self.store.list(&self.root)? {
            if name.ends_with(".tmp") {
                self.store.remove_file(&self.root.join(name))?;
            }
        }
        for name in self.store.list(blobs.folder())? {
            if !needed.contains(&name) {
                blobs.remove(&name)?;
            }
        }
        shown
    }

    /// The blobs of an image with their sizes; none where it is not there, or its list can't be read.
    #[must_use]
    pub fn blobs_of(&self, image: &str) -> BTreeMap<String, u64> {
        let index = self.index(image).ok();
        let blobs = index.iter().flat_map(Index::blobs);
        blobs.map(|(sha256, size)| (sha256.to_owned(), size)).collect()
    }

    /// What the files of all images hold: digests, and sizes without compression.
    pub(crate) fn contents(&self) -> BTreeMap<String, u64> {
        let mut contents = BTreeMap::new();
        for image in self.images().unwrap_or_default() {
            let Ok(index) = self.index(&image) else { continue };
            contents.extend(index.contents().map(|(sha256, size, _)| (sha256.to_owned(), size)));
        }
        contents
    }

    /// Which layers are kept compressed, by the digest of what they hold.
    fn layers(&self) -> io::Result<Layers> {
        let mut layers = Layers::new();
        for image in self.images()? {
            // What can't be read helps nobody.
            let Ok(index) = self.index(&image) else { continue };
            let packed = index
                .contents()
                .filter_map(|(sha256, _, packed)| Some((sha256.to_owned(), packed?.clone())));
            layers.extend(packed);
        }
        Ok(layers)
    }

    fn blobs(&self) -> Blobs {
        Blobs::new(&self.root, Arc::clone(&self.store))
    }

    fn images_folder(&self) -> PathBuf {
        self.root.join("images")
    }

    /// Where the list of an image is.
    pub(crate) fn index_file(&self, image: &str) -> PathBuf {
        self.images_folder().join(index::file_of(image))
    }

    fn index(&self, image: &str) -> Result<Index> {
        let file = self.index_file(image);
        Index::from_bytes(&own_file(&file, &*self.store)?, image, &file)
    }
}

fn to_io(error: Error) -> io::Error {
    let kind = match &error {
        Error::Io { source, .. } => source.kind(),
        Error::TooNew { .. } => io::ErrorKind::Unsupported,
        _ => io::ErrorKind::InvalidData,
    };
    io::Error::new(kind, error.to_string())
}
