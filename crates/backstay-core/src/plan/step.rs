//! The steps of a run. What each does and how it is undone stands in [`crate::steps`].

use serde::{Deserialize, Serialize};

use super::change::{Action, Change};
use super::follow::Follower;
use super::inside::Inside;
use crate::stack::HookPoint;

/// What a run will do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Plan {
    /// What happens to each service, in the order of dependencies.
    pub changes: Vec<Change>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// Who has to look again where a service is that is replaced.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub followers: Vec<Follower>,
    /// What the gateway carries inside.
    #[serde(default, skip_serializing_if = "Inside::is_empty")]
    pub inside: Inside,
    /// Who has to look again where the gateway itself is elsewhere afterwards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gateway_followers: Vec<Follower>,
    /// Hooks that are run when the run has ended. They are no steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub afterwards: Vec<Step>,
}

impl Plan {
    /// Whether anything is made, started or removed, or may be: else there is nothing that a hook could be about.
    #[must_use]
    pub fn deploys(&self) -> bool {
        let is_gateway = |step: &Step| matches!(step, Step::SwitchGateway { .. });
        self.changes.iter().any(|change| change.action != Action::Keep)
            || self.steps.iter().any(is_gateway)
    }

    /// Whether the old containers of a service let go of host ports before the gateway takes them.
    pub(crate) fn lets_go(&self, service: &str) -> bool {
        let begin = self.steps.iter().position(|step| *step == Step::MakeGateway);
        let next = begin.and_then(|begin| self.steps.get(begin + 1));
        matches!(next, Some(Step::Retire { services }) if services.iter().any(|name| name == service))
    }

    /// Whether the old containers of a service are stopped by a step of their own.
    #[must_use]
    pub fn retires(&self, service: &str) -> bool {
        self.steps.iter().any(|step| match step {
            Step::Retire { services } => services.iter().any(|name| name == service),
            _ => false,
        })
    }
}

/// One change with its undo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Step {
    /// Take note of what runs.
    Observe,
    /// Save what runs under `.backup/`.
    Backup,
    /// Tag images that are to go to the vault, so that they stay on the engine until then.
    Protect {
        /// Their ids.
        images: Vec<String>,
    },
    /// Put a template in the place of `.env`.
    Environment {
        /// The template's file.
        template: String,
    },
    /// Write the files of the certificate.
    Certificate {
        /// The files, relative to the stack's directory.
        files: Vec<String>,
    },
    /// Make folders that services mount.
    Directories {
        /// The folders, those above others first.
        paths: Vec<String>,
    },
    /// Put a release's files in place.
    Files,
    /// Build images, under tags of this run.
    Build {
        /// The services.
        services: Vec<String>,
    },
    /// Pull images.
    Pull {
        /// The services.
        services: Vec<String>,
    },
    /// Load images from the vault.
    Load {
        /// Their ids.
        images: Vec<String>,
    },
    /// Make the stack's image references point to the new images.
    Tags,
    /// Create the new containers, networks and volumes.
    Create {
        /// The services.
        services: Vec<String>,
    },
    /// Start the candidates and rehearsals beside the old containers, and wait for each one's verdict.
    Rehearse {
        /// The services, in waves.
        waves: Vec<Vec<String>>,
    },
    /// Take note of services that have to look again where the next ones are, so that they do so after an undo too.
    Follow {
        /// The services.
        services: Vec<String>,
    },
    /// Stop the old containers of these services for good, ahead of their replacement, so that steps between have them to
    /// themselves.
    Retire {
        /// The services.
        services: Vec<String>,
    },
    /// Nothing, while neither the old nor the new containers of these services run. For tests.
    Pause {
        /// The services.
        services: Vec<String>,
    },
    /// Let the new containers of these services take over; those of one step need not wait for each other.
    Replace {
        /// The services.
        services: Vec<String>,
    },
    /// Start containers that belong to the release and do not run.
    Start {
        /// The services.
        services: Vec<String>,
    },
    /// Stop the containers of services that the new release does not have.
    Remove {
        /// The services.
        services: Vec<String>,
    },
    /// Watch what is new.
    Bake {
        /// The services.
        services: Vec<String>,
    },
    /// Run a command that the files name for this place.
    Hook {
        /// The hook.
        name: String,
        /// The place.
        point: HookPoint,
        /// In whose container; without one on the host.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        service: Option<String>,
    },
    /// Read back what runs and compare it with the release.
    Verify,
    /// Save data beside the backup.
    SaveData {
        /// The sets.
        data: Vec<String>,
    },
    /// Bring a release's data back.
    RestoreData {
        /// The sets.
        data: Vec<String>,
    },
    /// From here on a failure brings data back.
    Guard {
        /// The sets.
        data: Vec<String>,
    },
    /// From here on the new release writes: data does not come back by itself any more.
    Open {
        /// The sets.
        data: Vec<String>,
    },
    /// Start the containers of services again that stood still and stay as they are.
    Resume {
        /// The services.
        services: Vec<String>,
    },
    /// Write or remove the file that takes host ports from services, for the gateway.
    GatewayFile {
        /// The file.
        path: String,
    },
    /// Create a gateway beside everything else.
    MakeGateway,
    /// Let the gateway lead to the containers that run, where they were made by hand.
    Routes {
        /// The services.
        services: Vec<String>,
    },
    /// Let the gateway lead to the old containers that are still up, until those of the release take over.
    SwitchBack {
        /// The services.
        services: Vec<String>,
    },
    /// Let the gateway take the host ports over, or give them back.
    SwitchGateway {
        /// Whether there is one afterwards.
        on: bool,
    },
}
