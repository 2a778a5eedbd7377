//! How a run is going.

use serde::{Deserialize, Serialize};

/// The parts of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Engine, Compose, disk, ports.
    Check,
    /// Save what runs.
    Backup,
    /// Variables and env files.
    Environment,
    /// The certificate.
    Certificate,
    /// Folders that are mounted.
    DataDirectories,
    /// What will change.
    Plan,
    /// Build and pull.
    Images,
    /// An update: build, pull, rehearse and replace the named services.
    Update,
    /// Rehearse, replace, watch, commit, verify.
    Services,
    /// Files of a release are put in place.
    RestoreFiles,
    /// Images of a release are checked, and loaded where they are gone.
    CheckImages,
    /// The same for some services only.
    RestoreImages,
    /// What runs is compared with what should run.
    Verify,
}

/// Where a line of output comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutputSource {
    /// `docker compose build`.
    Build,
    /// `docker compose pull`.
    Pull,
    /// A hook of a service.
    Hook,
    /// A hook of the run.
    RunHook,
}

/// What a service is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Activity {
    /// Its new containers are being started beside the old ones.
    Rehearsing,
    /// Its new containers are up; a verdict on their health is awaited.
    Waiting {
        /// How many are ready.
        ready: u32,
        /// Of how many.
        of: u32,
    },
    /// Its new containers have passed.
    Ready,
    /// It ran to its end as it should.
    Completed,
    /// Traffic is being moved to the new containers.
    Switching,
    /// The new containers are live.
    Live,
    /// Its containers are being stopped for good: the new release does not have it.
    Removing,
    /// It failed; what follows undoes the run.
    Failed,
    /// Its old containers are live again.
    Restored,
    /// It looks again where another service is that was replaced.
    Following {
        /// That service.
        of: String,
        /// Whether its containers are started anew for that.
        restarted: bool,
    },
    /// Its data is being saved.
    Saving {
        /// Bytes so far, before they are compressed.
        bytes: u64,
    },
}
