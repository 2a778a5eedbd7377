//! The vault: images on disk, where no prune can reach them.
//!
//! `blobs/sha256/<hex>` holds each file of an image's export once, by its digest; `images/<id>.json` lists what the export
//! of one image consists of. The list is written last, so that an image is there in full or not at all.

mod blobs;
mod export;
mod import;
mod index;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::ports::Store;
use blobs::Blobs;
use index::Index;

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

    /// Whether an image is there in full: its list, and each blob with its size. Their content is read by
    /// [`verify`](Self::verify).
    ///
    /// # Errors
    /// When the vault can't be read, or the list's format is newer than this program.
    pub fn has(&self, image: &str) -> io::Result<bool> {
        let index = match self.index(image) {
            Ok(index) => index,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            // What can't be read is not there: storing it again mends it.
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return Ok(false),
            Err(error) => return Err(error),
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
        let mut added = Vec::new();
        let stored = import::import(&blobs, image, export, &mut added)
            .and_then(|index| self.store.write(&self.index_file(image), &index.to_bytes()?, 0o600));
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
        let index = self.index(image)?;
        Ok(Box::new(export::Export::new(self.blobs(), index)))
    }

    /// Reads all of an image and compares it with its digests.
    ///
    /// # Errors
    /// When a part is missing or damaged; the error names the file.
    pub fn verify(&self, image: &str) -> io::Result<()> {
        io::copy(&mut self.get(image)?, &mut io::sink()).map(drop)
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

    /// Removes every image but those in `keep`, and every blob that no image needs.
    ///
    /// # Errors
    /// When the disk fails, or the list of an image that is to stay can't be read: then no blob is removed.
    pub fn collect_garbage(&self, keep: &BTreeSet<String>) -> io::Result<()> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut needed = BTreeSet::new();
        for image in self.images()? {
            if keep.contains(&image) {
                let index = self.index(&image)?;
                needed.extend(index.blobs().map(|(digest, _)| digest.to_owned()));
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
        for name in self.store.list(blobs.folder())? {
            if !needed.contains(&name) {
                blobs.remove(&name)?;
            }
        }
        Ok(())
    }

    fn blobs(&self) -> Blobs {
        Blobs::new(&self.root, Arc::clone(&self.store))
    }

    fn images_folder(&self) -> PathBuf {
        self.root.join("images")
    }

    fn index_file(&self, image: &str) -> PathBuf {
        self.images_folder().join(index::file_of(image))
    }

    fn index(&self, image: &str) -> io::Result<Index> {
        let file = self.index_file(image);
        Index::from_bytes(&self.store.read(&file)?, &file)
    }
}
