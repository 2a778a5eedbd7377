//! What the reporter has heard of a run so far.

use std::collections::{BTreeMap, VecDeque};

use backstay_core::event::RunKind;
use backstay_core::plan::Undo;
use backstay_core::plan::{Plan, Step};

use super::blocks::Blocks;
use super::progress::Progress;
use super::unwind::Unwinding;

/// How many lines of a build or a pull are kept for the case that it fails.
const OUTPUT: usize = 20;

/// What has been heard so far.
#[derive(Default)]
pub(super) struct Run {
    /// Its kind; `None` where another process began it.
    pub(super) kind: Option<RunKind>,
    /// Whether nothing ran before.
    pub(super) first: bool,
    /// Its steps by number.
    pub(super) steps: BTreeMap<usize, (Step, Undo)>,
    /// What it was going to do, before anything was built.
    pub(super) outlook: Option<Plan>,
    /// What it does.
    pub(super) plan: Option<Plan>,
    /// The services of an update.
    pub(super) blocks: Blocks,
    /// Lines that wait for the end of a block.
    pub(super) held: Vec<String>,
    /// What is going on.
    pub(super) progress: Progress,
    /// The last lines of the build or the pull.
    pub(super) output: VecDeque<String>,
    /// Services that failed, in that order.
    pub(super) failed: Vec<String>,
    /// Whether the failure was told.
    pub(super) told: bool,
    /// Whether it was told that services are waited for.
    pub(super) waiting: bool,
    /// What has been undone.
    pub(super) unwinding: Option<Unwinding>,
    /// Whether all is undone, and what runs has not been read back yet: until then it is not said that all is well.
    pub(super) unverified: bool,
    /// How many parts have begun.
    pub(super) phases: usize,
    /// How many parts there are.
    pub(super) parts: usize,
    /// Folders that were made, of which is told when something else has happened.
    pub(super) folders: Vec<String>,
    /// Services that are live, of which is told when their step is done: where there are many.
    pub(super) live: Vec<String>,
    /// Whether the files of a release are being compared, and none had to be written so far.
    pub(super) files_checked: bool,
}

impl Run {
    /// Whether this is an update of some services.
    pub(super) fn is_update(&self) -> bool {
        self.kind == Some(RunKind::Update)
    }

    /// Whether services have no lines of their own: no blocks, and nothing is being undone.
    pub(super) fn is_told_as_a_whole(&self) -> bool {
        !self.is_update() && self.unwinding.is_none()
    }

    /// Keeps a line of a build or a pull.
    pub(super) fn heard(&mut self, line: String) {
        if self.output.len() == OUTPUT {
            self.output.pop_front();
        }
        self.output.push_back(line);
    }
}

/// Adds a name, if it is new.
pub(super) fn add(names: &mut Vec<String>, name: &str) {
    if !names.iter().any(|known| known == name) {
        names.push(name.to_owned());
    }
}
