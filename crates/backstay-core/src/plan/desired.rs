//! What a plan is computed from: what should run, what runs, and how to go about it.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::Facts;
use crate::engine::{Container, Gateway};
use crate::stack::{Model, RunHook};

/// What should run.
#[derive(Debug, Clone)]
pub struct Desired<'a> {
    /// The model.
    pub model: &'a Model,
    /// The id of each service's image; `None` where it is known only after a build or a pull.
    pub images: BTreeMap<String, Option<String>>,
    /// Each service's fingerprint.
    pub fingerprints: BTreeMap<String, String>,
    /// Only these services may change; `None` means all.
    pub only: Option<BTreeSet<String>>,
    /// What is known of services beside their definition.
    pub facts: BTreeMap<String, Facts>,
    /// Services with labels that somebody may route by, and that are others than those of the live containers.
    pub other_labels: BTreeSet<String>,
    /// Services whose old containers are stopped by a step of its own, ahead of their replacement.
    pub ahead: BTreeSet<String>,
    /// Those of them between whose stop and whose replacement there is a pause: for tests.
    pub pauses: BTreeSet<String>,
    /// Whether the gateway that is there is made anew where it could carry more services inside.
    pub takes_in: bool,
    /// Services whose containers all stand still before anything is switched, while data is saved and changed.
    pub still: BTreeSet<String>,
    /// The sets that are saved then.
    pub data: Vec<String>,
    /// Whether they come back from a release then; else they come back where the run fails before the new release writes.
    pub returns: bool,
    /// The hooks of the run.
    pub hooks: Vec<RunHook>,
    /// Whether plain Compose would take an old container that is still up for the live one.
    pub mistaken_by_compose: bool,
    /// What the machine's memory allows; `None` where it is not known.
    pub memory: Option<Memory>,
}

impl<'a> Desired<'a> {
    /// The model, of which nothing else is known.
    #[must_use]
    pub const fn of(model: &'a Model) -> Self {
        Self {
            model,
            images: BTreeMap::new(),
            fingerprints: BTreeMap::new(),
            only: None,
            facts: BTreeMap::new(),
            other_labels: BTreeSet::new(),
            ahead: BTreeSet::new(),
            pauses: BTreeSet::new(),
            takes_in: false,
            still: BTreeSet::new(),
            data: Vec::new(),
            returns: false,
            hooks: Vec::new(),
            mistaken_by_compose: false,
            memory: None,
        }
    }
}

/// Memory, for services that run twice for a while.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Memory {
    /// Bytes that are free.
    pub free: u64,
    /// What the live containers of each service use, in bytes.
    pub used: BTreeMap<String, u64>,
}

/// What runs.
#[derive(Debug, Clone, Default)]
pub struct Running {
    /// The live containers of the stack.
    pub containers: Vec<Container>,
    /// The fingerprint of containers that do not carry one themselves, by id.
    pub fingerprints: BTreeMap<String, String>,
    /// References whose image id differs from the one that the stack is to use: the tag has to move.
    pub stale_tags: BTreeSet<String>,
    /// Containers, by id, that live in the namespaces of a container that is gone or was started again since.
    pub cut_off: BTreeSet<String>,
    /// The gateway that is live.
    pub gateway: Option<Gateway>,
    /// Services for which it leads to other containers than these: Compose made them anew by hand.
    pub astray: BTreeSet<String>,
    /// The ports by which it leads to services inside.
    pub inside: BTreeMap<String, BTreeSet<u16>>,
    /// Containers that are not live and to which it leads for now, by service.
    pub stand_ins: BTreeMap<String, Vec<String>>,
}

/// How to go about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    /// Whether services are rehearsed.
    pub rehearsal: bool,
    /// Whether `rollback_config` rules before `update_config`.
    pub rollback: bool,
}
