//! What the supervisor keeps.

use super::signals::Signals;
use crate::channel::{Link, Settings};
use crate::state::Folder;
use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long a worker has until it serves.
pub(super) const READY: Duration = Duration::from_secs(10);

/// The supervisor's state.
#[derive(Debug)]
pub(super) struct Keeper {
    pub settings: Settings,
    pub folder: Folder,
    /// The image's own program.
    pub image: PathBuf,
    pub signals: Signals,
    pub control: OwnedFd,
    pub ports: BTreeMap<u16, OwnedFd>,
    pub workers: Vec<Worker>,
    /// When to start a worker because none serves. `None`: one does, or is about to.
    pub start_at: Option<Instant>,
    /// What to start then.
    pub binary: PathBuf,
    /// How often a worker has died young, in a row.
    pub deaths: u32,
    /// Set after SIGTERM: when everything is killed that is still there.
    pub stop_until: Option<Instant>,
    /// The program to become, when the loop comes around.
    pub become_next: Option<PathBuf>,
}

/// A worker.
#[derive(Debug)]
pub(super) struct Worker {
    pub pid: u32,
    pub link: Link,
    pub binary: PathBuf,
    pub began: Instant,
    pub role: Role,
}

/// What a worker is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    /// It loads the routes. `replaces`: the worker that has asked for it.
    Starting { replaces: Option<u32> },
    /// It accepts, and waits until the one that it replaces has stopped accepting.
    Taking { from: u32, version: String },
    /// It is the one.
    Serving,
    /// It finishes what it has.
    Retiring,
}

impl Keeper {
    pub(super) fn find(&mut self, pid: u32) -> Option<&mut Worker> {
        self.workers.iter_mut().find(|worker| worker.pid == pid)
    }

    /// The worker that serves, or is about to.
    pub(super) fn has_server(&self) -> bool {
        self.workers.iter().any(|worker| worker.role != Role::Retiring)
    }

    pub(super) fn stops(&self) -> bool {
        self.stop_until.is_some()
    }
}
