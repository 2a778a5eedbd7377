//! What undoing a step needs.

use std::collections::BTreeMap;

use backstay_routes::Target;
use serde::{Deserialize, Serialize};

use super::Swap;
use crate::digest::digest;
use crate::stack::{Again, HookPoint};

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
    /// Nothing, while neither old nor new containers run. For tests.
    Pause,
    /// Start containers again that were stopped for good ahead of their replacement.
    Retire {
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
    #[serde(rename = "running")]
    KeepUp {
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
    /// Let those go on that stood still while their data was saved. The files of it go with the backup.
    SaveData {
        /// The ids of containers that are stopped for it, those that others need first.
        stopped: Vec<String>,
        /// Those that are paused for it.
        paused: Vec<String>,
    },
    /// End what is left of a hook, and run what takes it back.
    Hook {
        /// Its name.
        name: String,
        /// Where in the run it was.
        point: HookPoint,
        /// The project.
        project: String,
        /// Where it was run.
        place: HookPlace,
        /// The file in the run's own folder that says what was run, and what takes it back. Whoever removes it has done so by hand.
        kept: String,
        /// Whether there is something that takes it back.
        undoes: bool,
    },
    /// Bring data back as it was saved by this run.
    PutBack {
        /// The project.
        project: String,
        /// The backup's folder in which it is.
        folder: String,
        /// The sets.
        data: Vec<KeptData>,
        /// Whether it only comes back as long as the new release has not begun to write. Else files were moved aside, and come back
        /// from there.
        until_open: bool,
    },
    /// Remove the gateway that the run made.
    MakeGateway {
        /// The project.
        project: String,
        /// The run.
        run: String,
    },
    /// Let the gateway lead to the containers to which it led.
    SwitchBack {
        /// The id of its container.
        gateway: String,
        /// By service, the containers that it led to, and those to which it leads instead.
        services: BTreeMap<String, SwitchBackRecord>,
    },
    /// Stop the new gateway and start the old one.
    SwitchGateway {
        /// The one that was live.
        old: Option<GatewayRecord>,
        /// The one that is to be.
        new: Option<GatewayRecord>,
    },
}

/// Where a hook is run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum HookPlace {
    /// On the machine, in the stack's folder.
    Host,
    /// In a container that runs.
    Inside {
        /// Its id.
        container: String,
    },
    /// In a container of its own, made like this one.
    Beside {
        /// Its id.
        container: String,
    },
}

/// A set of data that an undo brings back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptData {
    /// Its name.
    pub name: String,
    /// For files, a container that has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<DataPlace>,
}

/// Where a container has what is copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataPlace {
    /// The container.
    pub id: String,
    /// Its image.
    pub image: String,
    /// The path in it.
    pub path: String,
}

/// Whom the gateway leads to for a service, and whom it led to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwitchBackRecord {
    /// Whom it led to.
    pub from: Vec<Target>,
    /// Whom it leads to: containers that were still up.
    pub to: Vec<Target>,
}

/// A gateway's container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayRecord {
    /// Its id.
    pub id: String,
    /// Its name while it is live.
    pub name: String,
    /// Whether it ran.
    pub running: bool,
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
