//! The list of what an image's export consists of.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// The newest format that is known here.
const VERSION: u64 = 1;

/// `images/<id>.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Index {
    pub(super) version: u64,
    /// The image's id.
    pub(super) image: String,
    /// The entries, in the export's order.
    pub(super) entries: Vec<Entry>,
}

/// An entry of the export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
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
    },
    Symlink {
        target: String,
    },
    Hardlink {
        target: String,
    },
}

impl Index {
    pub(super) fn new(image: &str, entries: Vec<Entry>) -> Self {
        Self { version: VERSION, image: image.to_owned(), entries }
    }

    pub(super) fn to_bytes(&self) -> io::Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads a list; `file` is named where it is damaged.
    pub(super) fn from_bytes(bytes: &[u8], file: &Path) -> io::Result<Self> {
        let damaged = |error: serde_json::Error| {
            let text = format!("`{}` is damaged: {error}", file.display());
            io::Error::new(io::ErrorKind::InvalidData, text)
        };
        let value: serde_json::Value = serde_json::from_slice(bytes).map_err(damaged)?;
        let version = value.get("version").and_then(serde_json::Value::as_u64).unwrap_or(0);
        if version > VERSION {
            let text = format!(
                "`{}` has format version {version}; this program reads up to {VERSION}",
                file.display()
            );
            return Err(io::Error::new(io::ErrorKind::Unsupported, text));
        }
        serde_json::from_value(value).map_err(damaged)
    }

    /// Digest and size of each blob.
    pub(super) fn blobs(&self) -> impl Iterator<Item = (&str, u64)> {
        self.entries.iter().filter_map(|entry| match &entry.kind {
            Kind::File { sha256, size } => Some((sha256.as_str(), *size)),
            _ => None,
        })
    }
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
