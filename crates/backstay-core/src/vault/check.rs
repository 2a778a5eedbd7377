//! Whether what is kept is what was stored.

use std::collections::BTreeSet;
use std::io::{self, Read};

use sha2::{Digest, Sha256};

use super::Vault;
use crate::digest::hex;
use crate::error::{Error, Result};
use crate::store::{damaged, expect_file, expect_no_folder};

impl Vault {
    /// Reads all of an image and compares it with its digests.
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::TooNew`] or [`Error::Io`] for the first file that is not what was stored.
    pub fn check(&self, image: &str) -> Result<()> {
        self.damage([image]).into_iter().next().map_or(Ok(()), Err)
    }

    /// Reads all of these images, each blob once. Every file that is not what was stored is named.
    pub fn damage<'a>(&self, images: impl IntoIterator<Item = &'a str>) -> Vec<Error> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        for image in images {
            match self.index(image) {
                Ok(index) => {
                    for (sha256, size) in index.blobs() {
                        if seen.insert(sha256.to_owned()) {
                            found.extend(self.check_blob(sha256, size).err());
                        }
                    }
                }
                Err(error) => found.push(error),
            }
        }
        found
    }

    /// Whether what other tools see is what was written. Nothing of ours needs it, and the end of the next run makes it anew.
    pub fn damage_of_view(&self) -> Vec<Error> {
        match self.manifests() {
            Ok(manifests) => {
                let checks = manifests.iter().map(|(sha256, size)| self.check_blob(sha256, *size));
                checks.filter_map(Result::err).collect()
            }
            Err(error) => vec![error],
        }
    }

    /// Whether an image could be stored, or be seen to be there: nothing stands in the way of its list and its blobs.
    ///
    /// # Errors
    /// [`Error::Damaged`] for a folder in the place of a file, [`Error::TooNew`], [`Error::Io`].
    pub(crate) fn has_room_for(&self, image: &str) -> Result<()> {
        let list = self.index_file(image);
        expect_no_folder(&list, &*self.store)?;
        let index = match self.index(image) {
            // It is stored again.
            Err(Error::Damaged { .. }) => return Ok(()),
            other => other?,
        };
        let blobs = self.blobs();
        let mut files = index.blobs().map(|(sha256, _)| blobs.file(sha256));
        files.try_for_each(|file| expect_no_folder(&file, &*self.store))
    }

    fn check_blob(&self, sha256: &str, size: u64) -> Result<()> {
        let blobs = self.blobs();
        let file = blobs.file(sha256);
        expect_file(&file, &*self.store)?;
        let io = |error| Error::io("reading", &file, error);
        let mut content = blobs.open(sha256).map_err(io)?;
        let mut hash = Sha256::new();
        let mut part = vec![0; 128 * 1024];
        let mut count = 0;
        loop {
            match content.read(&mut part) {
                Ok(0) => break,
                Ok(read) => {
                    hash.update(&part[..read]);
                    count += read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(io(error)),
            }
        }
        if count != size {
            return Err(damaged(&file, format!("it has {count} bytes and should have {size}")));
        }
        if hex(&hash.finalize()) != sha256 {
            return Err(damaged(&file, "its digest does not match"));
        }
        Ok(())
    }
}
