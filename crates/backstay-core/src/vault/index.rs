//! The list of what an image's export consists of.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::sound::checked;
use crate::error::{Error, Result};
use crate::sealed::{DecodeError, seal, unseal};
use crate::store::damaged;

/// The newest format that is known here. The first one had no compressed content.
const VERSION: u64 = 2;

/// `images/<id>.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Index {
    pub(super) version: u64,
    /// The image's id.
    pub(super) image: String,
    /// The entries, in the export's order.
    pub(super) entries: Vec<StoredFile>,
}

/// An entry of the export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StoredFile {
    pub(super) path: String,
    /// Permission bits.
    pub(super) mode: u32,
    #[serde(flatten)]
    pub(super) kind: Kind,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(super) enum Kind {
    Directory,
    /// A regular file: the digest of its content in hexadecimal, and its size.
    File {
        sha256: String,
        size: u64,
        /// The blob that holds it compressed; `None` where one holds it as it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        packed: Option<Packed>,
    },
    Symlink {
        target: String,
    },
    Hardlink {
        target: String,
    },
}

/// A blob that holds something compressed with zstd: its digest in hexadecimal, and its size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Packed {
    pub(super) sha256: String,
    pub(super) size: u64,
}

impl Index {
    pub(super) fn new(image: &str, entries: Vec<StoredFile>) -> Self {
        Self { version: VERSION, image: image.to_owned(), entries }
    }

    pub(super) fn to_bytes(&self) -> io::Result<Vec<u8>> {
        Ok(seal(self)?)
    }

    /// Reads the list of an image; `file` is named where it is damaged.
    pub(super) fn from_bytes(bytes: &[u8], image: &str, file: &Path) -> Result<Self> {
        let index: Self = match unseal(bytes, VERSION) {
            Ok(index) => index,
            Err(DecodeError::Damaged(problem)) => return Err(damaged(file, problem)),
            Err(DecodeError::TooNew(found)) => {
                let file = file.to_owned();
                return Err(Error::TooNew { file, found, known: VERSION });
            }
        };
        if index.image != image {
            return Err(damaged(file, format!("it is the list of `{}`", index.image)));
        }
        for entry in &index.entries {
            checked(entry.path.as_bytes()).map_err(|error| damaged(file, error.to_string()))?;
        }
        let contents = index.contents().map(|(sha256, ..)| sha256);
        let names = contents.chain(index.blobs().map(|(sha256, _)| sha256));
        if let Some(sha256) = names.into_iter().find(|sha256| !is_digest(sha256)) {
            return Err(damaged(file, format!("`{sha256}` is not a digest")));
        }
        Ok(index)
    }

    /// Digest and size of each file of the export, and how it is kept where that is compressed.
    pub(super) fn contents(&self) -> impl Iterator<Item = (&str, u64, Option<&Packed>)> {
        self.entries.iter().filter_map(|entry| match &entry.kind {
            Kind::File { sha256, size, packed } => Some((sha256.as_str(), *size, packed.as_ref())),
            _ => None,
        })
    }

    /// Digest and size of each blob.
    pub(super) fn blobs(&self) -> impl Iterator<Item = (&str, u64)> {
        self.contents().map(|(sha256, size, packed)| match packed {
            Some(packed) => (packed.sha256.as_str(), packed.size),
            None => (sha256, size),
        })
    }

    /// The entry at a path, where it is a file or leads to one by a link.
    pub(super) fn file(&self, path: &str) -> Option<&Kind> {
        let mut path = path.to_owned();
        // Links of an export lead to a file at once; a chain of them has an end nevertheless.
        for _ in 0..4 {
            let entry = self.entries.iter().find(|entry| entry.path == path)?;
            path = match &entry.kind {
                Kind::File { .. } => return Some(&entry.kind),
                Kind::Hardlink { target } => target.clone(),
                Kind::Symlink { target } => beside(&path, target),
                Kind::Directory => return None,
            };
        }
        None
    }
}

/// Where a link at `path` leads.
fn beside(path: &str, target: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "" | "." => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Whether it is a digest in hexadecimal, and so a name that leads nowhere else.
pub(crate) fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The name of an image's list. An id is `sha256:<hex>`; a colon is no part of a file name everywhere.
pub(super) fn file_of(image: &str) -> String {
    let name: String = image
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' })
        .collect();
    format!("{name}.json")
}

/// The image whose list has this name.
pub(super) fn image_of(name: &str) -> Option<String> {
    let (algorithm, hex) = name.strip_suffix(".json")?.split_once('-')?;
    Some(format!("{algorithm}:{hex}"))
}
