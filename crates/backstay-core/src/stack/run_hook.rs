//! Commands of a run, each with its place in the transaction: `x-backstay.hooks`. Those that Compose itself knows belong to a
//! container and are in [`super::hook`].

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::hook::Hook;

/// A place in a run at which commands are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HookPoint {
    /// The backup is made, and nothing has been touched.
    BeforeDeploy,
    /// The new images and candidates are there, and the first live container is about to be replaced.
    BeforeSwitch,
    /// The new containers are live and verified, and the run is about to be committed.
    AfterSwitch,
    /// The run is committed.
    AfterCommit,
    /// A run was undone, or a rollback is committed.
    AfterRollback,
}

impl HookPoint {
    /// All of them, in the order of a run.
    pub const ALL: [Self; 5] = [
        Self::BeforeDeploy,
        Self::BeforeSwitch,
        Self::AfterSwitch,
        Self::AfterCommit,
        Self::AfterRollback,
    ];

    /// Its key in the file.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::BeforeDeploy => "before_deploy",
            Self::BeforeSwitch => "before_switch",
            Self::AfterSwitch => "after_switch",
            Self::AfterCommit => "after_commit",
            Self::AfterRollback => "after_rollback",
        }
    }

    /// Whether what runs there is a step of the run, which fails it and is undone with it.
    #[must_use]
    pub const fn is_step(self) -> bool {
        matches!(self, Self::BeforeDeploy | Self::BeforeSwitch | Self::AfterSwitch)
    }
}

/// What a run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// The whole stack, from its files.
    Deploy,
    /// Some services, from the stack's files.
    Update,
    /// Back to a release.
    Rollback,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Deploy, Self::Update, Self::Rollback];

    /// Its word in the file and in the environment of a hook.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Deploy => "deploy",
            Self::Update => "update",
            Self::Rollback => "rollback",
        }
    }
}

/// A command of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunHook {
    /// Its name, unique in its stack.
    pub name: String,
    /// When it is run.
    pub point: HookPoint,
    /// The service at which it stands: then it is run only where that service changes.
    pub of: Option<String>,
    /// The service in whose container it is run; without one on the host.
    pub service: Option<String>,
    /// The command.
    pub run: Hook,
    /// What takes it back.
    pub undo: Option<Hook>,
    /// After how long it has failed.
    pub timeout: Duration,
    /// In which runs it is run.
    pub operations: Vec<Operation>,
}
