//! `release.json`: the manifest of a release. `docs/release-format.md` is its specification.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::sealed::{DecodeError, seal, unseal};
use crate::stack::{FolderState, StackRef};

/// The newest format that is known here.
pub const VERSION: u64 = 1;

/// An immutable record of all that is needed to bring a stack back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The format's version.
    pub version: u64,
    /// Its id: `r` and its place in the history.
    pub id: String,
    /// Its place in the stack's history, from 1. Clocks may jump: this is what "before" means.
    pub sequence: u64,
    /// The place of the release that ran before it was made, where there was one: where going back leads.
    #[serde(default)]
    pub parent: Option<u64>,
    /// When it was made, RFC 3339, in UTC.
    pub created: String,
    /// How it came to be.
    pub origin: Origin,
    /// The project.
    pub project: String,
    /// The engine's id; `None` in records of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// The directory, files and flags.
    pub stack: StackRef,
    /// The services.
    pub services: BTreeMap<String, ServiceRecord>,
    /// Every file that the model names or is made from.
    pub files: Vec<FileRecord>,
    /// The engine's names of the stack's own networks.
    pub networks: Vec<String>,
    /// Services whose containers were not what the files said when the release was recorded; they are restored from what
    /// the engine said of their containers.
    #[serde(default)]
    pub differs: Vec<String>,
    /// The digests of the other files in its folder, by name: `model.yml`, `containers.json`, `services.txt`.
    #[serde(default)]
    pub parts: BTreeMap<String, String>,
}

/// How a release came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// `backstay deploy`.
    Deploy,
    /// `backstay update`.
    Update,
    /// It ran without Backstay and was recorded from the engine.
    Adopted,
}

/// A service of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceRecord {
    /// The reference that its containers were created from.
    pub reference: String,
    /// The id of the image that they run.
    pub image: String,
    /// A digest of what the image consists of, its configuration and its layers, where the engine could tell. Two builds of
    /// the same content have different ids.
    #[serde(default)]
    pub content: Option<String>,
    /// `repository@sha256:…`, where a registry gives the image back and it is not to be in the vault for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pulled: Option<String>,
    /// Its fingerprint.
    pub fingerprint: String,
    /// Compose's own hash on its containers, where they carry one.
    #[serde(default)]
    pub compose_hash: Option<String>,
    /// The ids of its containers.
    pub containers: Vec<String>,
}

/// A file of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Where it belongs: relative to the stack's directory, or absolute when it is outside. With `/` on every platform.
    pub path: String,
    /// Its name in the release's folder; `None` where the release does without the file, or keeps no copy.
    pub stored: Option<String>,
    /// The digest of its content; `None` where there was no such file.
    pub digest: Option<String>,
    /// Its permission bits.
    pub mode: u32,
    /// Whether it is outside of the stack's directory. Such a file is put back only where it belongs to the stack: see
    /// [`super::Surroundings`].
    #[serde(default)]
    pub outside: bool,
    /// For a mounted folder, what it is to the release; the digest is then that of all that is in it, where it is small.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<FolderState>,
}

impl FileRecord {
    /// Whether it is a folder that services write.
    #[must_use]
    pub fn is_data(&self) -> bool {
        self.folder == Some(FolderState::Writable)
    }
}

impl Release {
    /// The manifest as it is written: JSON with the digest of everything else in `digest`.
    ///
    /// # Errors
    /// When a value has no JSON form, which none of these lacks.
    pub fn encode(&self) -> serde_json::Result<Vec<u8>> {
        seal(self)
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// What is wrong with it, and for a format that is newer than this program its version.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        unseal(bytes, VERSION)
    }

    /// The ids of its images.
    pub fn images(&self) -> impl Iterator<Item = &str> {
        self.services.values().map(|service| service.image.as_str())
    }

    /// The ids of the images that are to be in the vault: those that no registry is to give back.
    pub fn stored_images(&self) -> BTreeSet<&str> {
        let stored = self.services.values().filter(|service| service.pulled.is_none());
        stored.map(|service| service.image.as_str()).collect()
    }

    /// Whether two records describe the same thing, whichever run made them: services, files and flags.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.stack == other.stack
            && self.files == other.files
            && self.networks == other.networks
            && self.services.len() == other.services.len()
            && self.services.iter().all(|(name, service)| {
                other.services.get(name).is_some_and(|other| service.is_same_as(other))
            })
    }
}

impl ServiceRecord {
    /// Whether two records describe the same thing, whichever containers it is.
    fn is_same_as(&self, other: &Self) -> bool {
        let same_content = self.content.is_some() && self.content == other.content;
        self.reference == other.reference
            && (self.image == other.image || same_content)
            && self.fingerprint == other.fingerprint
            && self.containers.len() == other.containers.len()
    }
}
