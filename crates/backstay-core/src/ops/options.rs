//! What a deploy and a rollback can be told.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::certificate::CertificateChoice;
use super::environment::EnvironmentChoice;
use super::gateway::GatewayChoice;
use crate::event::RunKind;
use crate::observed::Orphans;
use crate::release::Retention;

/// How to deploy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeployOptions {
    /// Only these services; `None` means the whole stack.
    pub services: Option<BTreeSet<String>>,
    /// Build application services.
    pub build: bool,
    /// Build without the cache.
    pub no_cache: bool,
    /// Pull newer images, and newer base images for builds.
    pub pull: bool,
    /// How long each service may take to be ready; `None` leaves it to its healthcheck.
    pub wait_timeout: Option<Duration>,
    /// Prove new containers before the first old one is touched.
    pub rehearsal: bool,
    /// How long new containers are watched; `None` leaves it to `update_config.monitor`.
    pub monitor: Option<Duration>,
    /// Save what runs first.
    pub backup: bool,
    /// Save its data with it.
    #[serde(default = "yes")]
    pub data: bool,
    /// Run the hooks that the files name.
    #[serde(default = "yes")]
    pub hooks: bool,
    /// How long backups are kept.
    pub retention: Option<Retention>,
    /// What is to become of `.env`.
    #[serde(default)]
    pub environment: EnvironmentChoice,
    /// What is to become of a certificate that is there.
    #[serde(default)]
    pub certificate: CertificateChoice,
    /// Remove the project's containers that are no stack's any more: `--remove-orphans`.
    #[serde(default)]
    pub remove_orphans: bool,
    /// What is to become of the gateway.
    #[serde(default)]
    pub gateway: GatewayChoice,
    /// Services whose old containers are stopped ahead of their replacement, where they can't run twice.
    #[serde(default)]
    pub ahead: BTreeSet<String>,
    /// Those of them before whose replacement there is a pause: for tests.
    #[serde(default)]
    pub pauses: BTreeSet<String>,
}

/// What holds where older records say nothing.
const fn yes() -> bool {
    true
}

impl Default for DeployOptions {
    fn default() -> Self {
        Self {
            services: None,
            build: true,
            no_cache: false,
            pull: false,
            wait_timeout: None,
            rehearsal: true,
            monitor: None,
            backup: true,
            data: true,
            hooks: true,
            retention: None,
            environment: EnvironmentChoice::default(),
            certificate: CertificateChoice::default(),
            remove_orphans: false,
            gateway: GatewayChoice::Keep,
            ahead: BTreeSet::new(),
            pauses: BTreeSet::new(),
        }
    }
}

impl DeployOptions {
    pub(super) fn orphans(&self) -> Orphans {
        if self.remove_orphans { Orphans::Remove } else { Orphans::Leave }
    }
}

/// How to roll back.
#[derive(Debug, Clone)]
pub struct RollbackOptions {
    /// The release: a folder, a path, an id or a number of the list; `None` means the last good one before this.
    pub target: Option<String>,
    /// Only the services of an update's backup.
    pub updates: bool,
    /// How long each service may take to be ready.
    pub wait_timeout: Option<Duration>,
    /// Prove the old release beside the running one first.
    pub rehearsal: bool,
    /// How long its containers are watched.
    pub monitor: Option<Duration>,
    /// Save the data of what runs first.
    pub data: bool,
    /// Bring the data back that was saved with the release.
    pub with_data: bool,
    /// Run the hooks that the release names for a rollback.
    pub hooks: bool,
    /// The release that runs stays, and only the data of `target` comes back; with `with_data`.
    pub stays: bool,
    /// How long backups are kept.
    pub retention: Option<Retention>,
    /// Go back even where something that the release had otherwise can't be brought back.
    pub leave_files: bool,
}

impl RollbackOptions {
    /// What a run with them is.
    pub(crate) const fn kind(&self) -> RunKind {
        if self.stays { RunKind::DataRestore } else { RunKind::Rollback }
    }
}

impl Default for RollbackOptions {
    fn default() -> Self {
        Self {
            target: None,
            updates: false,
            wait_timeout: None,
            rehearsal: true,
            monitor: None,
            data: true,
            with_data: false,
            hooks: true,
            stays: false,
            retention: None,
            leave_files: false,
        }
    }
}
