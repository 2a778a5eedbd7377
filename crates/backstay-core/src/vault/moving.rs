//! Images that come and go as what they consist of: the list of an image and its blobs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use super::index::Index;
use super::{Vault, index};
use crate::error::{Error, Result};

/// The name of the file that lists an image.
pub(crate) fn image_file(image: &str) -> String {
    index::file_of(image)
}

impl Vault {
    /// The blobs of an image that has to be there, with their sizes.
    ///
    /// # Errors
    /// When its list is missing or can't be read.
    pub(crate) fn parts(&self, image: &str) -> Result<BTreeMap<String, u64>> {
        Ok(parts(&self.index(image)?))
    }

    /// The blobs that a list of an image names; `file` is named where it is damaged.
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::TooNew`].
    pub(crate) fn parts_in(image: &str, list: &[u8], file: &Path) -> Result<BTreeMap<String, u64>> {
        let index = Index::from_bytes(list, image, file)?;
        let is_listable = index::image_of(&index::file_of(image)).as_deref() == Some(image);
        let problem = || format!("`{image}` is not the id of an image");
        is_listable
            .then(|| parts(&index))
            .ok_or_else(|| Error::Damaged { file: file.to_owned(), problem: problem() })
    }

    /// Whether a blob of this size is there.
    pub(crate) fn has_blob(&self, sha256: &str, size: u64) -> bool {
        self.blobs().has(sha256, size).unwrap_or(false)
    }

    /// Where a blob is.
    pub(crate) fn blob_file(&self, sha256: &str) -> PathBuf {
        self.blobs().file(sha256)
    }

    /// Takes an image in: its list, and the blobs of it that lie in `from` and are not here yet. All of it has been checked. The
    /// list comes last, as in [`put`](Self::put).
    ///
    /// # Errors
    /// When the disk fails; what has come is then garbage.
    pub(crate) fn take(&self, image: &str, list: &[u8], from: &Path) -> Result<()> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let io = |file: &Path, error| Error::io("writing", file, error);
        if self.has(image).map_err(|error| io(&self.index_file(image), error))? {
            return Ok(());
        }
        let (blobs, file) = (self.blobs(), self.index_file(image));
        for folder in [blobs.folder(), &self.images_folder()] {
            self.store.create_dir(folder).map_err(|error| io(folder, error))?;
        }
        for (sha256, size) in Self::parts_in(image, list, &file)? {
            let place = blobs.file(&sha256);
            if !blobs.has(&sha256, size).map_err(|error| io(&place, error))? {
                let moved = self.store.rename(&from.join(&sha256), &place);
                moved.map_err(|error| io(&place, error))?;
            }
        }
        self.store.write(&file, list, 0o600).map_err(|error| io(&file, error))
    }
}

fn parts(index: &Index) -> BTreeMap<String, u64> {
    index.blobs().map(|(sha256, size)| (sha256.to_owned(), size)).collect()
}
