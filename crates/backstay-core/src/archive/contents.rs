//! What is in such a file: its first entry.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{BLOBS, IMAGES, RELEASE, SMALL, VERSION};
use crate::error::{Error, Result};
use crate::release::is_backup_name;
use crate::sealed::{DecodeError, seal, unseal};
use crate::store::contained;
use crate::vault::{image_file, is_digest};

/// `backstay-export.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Contents {
    /// The format's version.
    pub version: u64,
    /// The release's id.
    pub release: String,
    /// The name of the backup.
    pub folder: String,
    /// The project.
    pub project: String,
    /// The ids of its images.
    pub images: BTreeSet<String>,
    /// All other entries, in their order.
    pub entries: Vec<Item>,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Item {
    /// Its path in the archive.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// The digest of its content, in hexadecimal.
    pub sha256: String,
}

/// What an entry is.
pub(super) enum Part<'a> {
    /// A file of the release's folder, by its name there.
    Release(&'a str),
    /// The list of an image, by the name of its file.
    List(&'a str),
    /// A blob.
    Blob,
}

impl Item {
    pub(super) fn part(&self) -> Option<Part<'_>> {
        if let Some(name) = self.path.strip_prefix(RELEASE) {
            // On Windows these would lead elsewhere.
            let is_plain = !name.contains(['\\', ':', '\0']) && !name.ends_with('/');
            let is_inside = is_plain && contained(Path::new("/x"), name).is_ok();
            return (is_inside && self.size <= SMALL).then_some(Part::Release(name));
        }
        if let Some(name) = self.path.strip_prefix(IMAGES) {
            return (self.size <= SMALL).then_some(Part::List(name));
        }
        (self.path.strip_prefix(BLOBS)? == self.sha256).then_some(Part::Blob)
    }
}

impl Contents {
    pub(super) fn to_bytes(&self) -> serde_json::Result<Vec<u8>> {
        seal(self)
    }

    /// Reads the list of `file`.
    pub(super) fn from_bytes(bytes: &[u8], file: &Path) -> Result<Self> {
        let refuse = |problem: String| Error::NotImportable { file: file.to_owned(), problem };
        let contents: Self = unseal(bytes, VERSION).map_err(|error| match error {
            DecodeError::Damaged(problem) => refuse(format!("its list of contents: {problem}")),
            DecodeError::TooNew(found) => {
                Error::TooNew { file: file.to_owned(), found, known: VERSION }
            }
        })?;
        if !is_backup_name(&contents.folder) {
            return Err(refuse(format!("`{}` is not the name of a backup", contents.folder)));
        }
        let lists: BTreeMap<String, &String> =
            contents.images.iter().map(|image| (image_file(image), image)).collect();
        let mut seen = BTreeSet::new();
        for item in &contents.entries {
            let is_known = match item.part() {
                Some(Part::List(name)) => lists.contains_key(name),
                Some(_) => true,
                None => false,
            };
            if !is_known || !is_digest(&item.sha256) || !seen.insert(item.path.as_str()) {
                return Err(refuse(format!("its list of contents has `{}`", item.path)));
            }
        }
        match lists.keys().find(|name| !seen.contains(format!("{IMAGES}{name}").as_str())) {
            Some(name) => Err(refuse(format!("it lacks `{IMAGES}{name}`"))),
            None => Ok(contents),
        }
    }

    /// The blobs with their sizes.
    pub(super) fn blobs(&self) -> BTreeMap<&str, u64> {
        let blobs = self.entries.iter().filter(|item| matches!(item.part(), Some(Part::Blob)));
        blobs.map(|item| (item.sha256.as_str(), item.size)).collect()
    }
}
