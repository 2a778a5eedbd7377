//! What undoing a step needs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest::digest;
use crate::engine::Created;
use crate::stack::Again;

/// What undoing a step needs, written down before the step has any effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Undo {
    /// Nothing outside of the run's own records was touched.
    Nothing,
    /// Remove a folder of `.backup/`.
    Backup {
        /// Its name.
        folder: String,
    },
    /// Put files back.
    Files {
        /// For each path, where its old content was put; `None` where there was no such file.
        saved: BTreeMap<String, Option<SavedFile>>,
        /// For each path, the digest of what the step writes; `None` where it removes the file. What is neither this nor the
        /// old content was put there by somebody else since, and stays. A path that is not named is put back whatever is there.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        written: BTreeMap<String, Option<String>>,
        /// Folders that were made for them, those above others first; removed as far as they are empty.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        folders: Vec<String>,
    },
    /// Remove folders that were made, as far as they are empty.
    Directories {
        /// The folders, those above others first.
        made: Vec<String>,
        /// Further ones that were missing, and that the engine makes where we can't: removed as far as we can.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        by_engine: Vec<String>,
    },
    /// Take away the tags that the build gave.
    BuildTags {
        /// The tags.
        tags: Vec<String>,
    },
    /// Make references point where they pointed.
    Tags {
        /// For each reference the id of the image that it had; `None` where there was none.
        before: BTreeMap<String, Option<String>>,
    },
    /// Remove what the run created.
    Create {
        /// The project.
        project: String,
        /// The run that is on the containers' label.
        run: String,
        /// Networks that were there before.
        networks: Vec<String>,
    },
    /// Let old containers be live again, and new ones not.
    Replace {
        /// Old and new, side by side.
        swaps: Vec<Swap>,
    },
    /// Let services look again where those are that were replaced.
    Follow {
        /// Their containers.
        followers: Vec<FollowerRecord>,
        /// The containers that they may have looked up, by id, with their addresses by network.
        of: BTreeMap<String, BTreeMap<String, String>>,
    },
    /// Start containers that ran and do not run any more.
    Running {
        /// The project.
        project: String,
        /// Their ids.
        containers: Vec<String>,
    },
    /// Stop containers that were started.
    Start {
        /// Their ids.
        containers: Vec<String>,
    },
}

/// A file's content before the run, kept in the run's own folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedFile {
    /// Its name there.
    pub name: String,
    /// Its permission bits.
    pub mode: u32,
    /// The digest of its content.
    #[serde(default)]
    pub digest: Option<String>,
}

impl SavedFile {
    /// Whether a file has this content and these permission bits.
    #[must_use]
    pub fn is(&self, bytes: &[u8], mode: u32) -> bool {
        self.mode == mode && self.digest.as_ref() == Some(&digest(bytes))
    }
}

/// The replacement of one container, or the removal or addition of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swap {
    /// The service.
    pub service: String,
    /// The old container.
    pub old: Option<OldContainer>,
    /// The new container.
    pub new: Option<Created>,
    /// Whether both may run at the same time, so that the old one is back before the new one is stopped.
    pub overlap: bool,
    /// Whether the new one is started only when it is to take over, though both overlap: a twin has proved it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
    /// Whether the new one takes over the old one's addresses too, which leaves its networks for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub address: bool,
}

/// A live container that is to be replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OldContainer {
    /// Its id.
    pub id: String,
    /// Its name while it is live.
    pub name: String,
    /// Whether it ran.
    pub running: bool,
    /// Its DNS names by network.
    pub aliases: BTreeMap<String, Vec<String>>,
    /// The containers whose namespaces it lives in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lives_in: Vec<String>,
    /// The containers that live in its namespaces, and have to be started again after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lends_to: Vec<String>,
}

/// A container that has to look again where another one is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowerRecord {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How it is brought to look again.
    pub how: Again,
    /// When it was started, RFC 3339.
    pub started_at: String,
}
