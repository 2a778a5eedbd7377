//! What the reporter has heard of a run so far.

use std::collections::BTreeMap;

use backstay_core::event::{RunKind, Undo};
use backstay_core::plan::Step;

use super::progress::Progress;
use super::unwind::Unwinding;

/// What has been heard so far.
#[derive(Default)]
pub(super) struct Run {
    /// Its kind; `None` where another process began it.
    pub(super) kind: Option<RunKind>,
    /// Whether nothing ran before.
    pub(super) first: bool,
    /// Its steps by number.
    pub(super) steps: BTreeMap<usize, (Step, Undo)>,
    /// What is going on.
    pub(super) progress: Progress,
    /// Services that failed, in that order.
    pub(super) failed: Vec<String>,
    /// Services that were said to be ready.
    pub(super) ready: Vec<String>,
    /// Whether the failure was told.
    pub(super) told: bool,
    /// Whether it was told that services are waited for.
    pub(super) waiting: bool,
    /// What has been undone.
    pub(super) unwinding: Option<Unwinding>,
    /// How many parts have begun.
    pub(super) phases: usize,
    /// Whether the files of a release are being compared, and none had to be written so far.
    pub(super) files_checked: bool,
}

/// Adds a name. Returns whether it is new.
pub(super) fn add(names: &mut Vec<String>, name: &str) -> bool {
    let is_new = !names.iter().any(|known| known == name);
    if is_new {
        names.push(name.to_owned());
    }
    is_new
}
