//! The vault: images on disk, where no prune can reach them. Each file of an image's export is stored once, by its digest.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::ports::Store;

/// A store of images under `.backup/vault/`.
#[derive(Clone)]
pub struct Vault {
    root: PathBuf,
    store: Arc<dyn Store>,
}

impl Vault {
    /// The vault in this folder.
    pub fn new(root: impl Into<PathBuf>, store: Arc<dyn Store>) -> Self {
        Self { root: root.into(), store }
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether an image is there in full.
    ///
    /// # Errors
    /// When the vault can't be read.
    pub fn has(&self, image: &str) -> io::Result<bool> {
        let _ = image;
        Ok(false)
    }

    /// Stores an image from the tar stream of the engine's export.
    ///
    /// # Errors
    /// When the stream or the disk fails; the vault is then as it was.
    pub fn put(&self, image: &str, export: &mut dyn Read) -> io::Result<()> {
        let _ = (image, export, &self.store);
        Ok(())
    }
}
