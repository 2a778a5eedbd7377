//! The stream of events, and which of them are the record of a run.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Unwell;
use super::{Activity, Failure, Note, Outcome, OutputSource, Phase};
use crate::plan::{Plan, Step, Undo};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "snake_case")]
pub enum Event {
    /// A run begins. Its first steps prepare; the rest follow in `Planned`.
    RunStarted {
        /// The run's id, `20240129_143052`.
        run: String,
        /// What kind of run.
        kind: RunKind,
        /// The project.
        project: String,
        /// The stack's directory; `None` in journals of older versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        directory: Option<PathBuf>,
        /// The process that runs it.
        pid: u32,
        /// For a rollback, the release that is to be restored.
        target: Option<String>,
        /// The id of the release that ran before, where there was one.
        previous: Option<String>,
    },
    /// What was not known at the beginning: the model could be read only after the first steps.
    Resolved {
        /// The project.
        project: String,
        /// The id of the release that ran before, where there was one.
        previous: Option<String>,
    },
    /// The plan stands; nothing that runs has been touched.
    Planned {
        /// The plan.
        plan: Plan,
    },
    /// A step is about to have effects.
    StepStarted {
        /// Its place in the run, from 0.
        index: usize,
        /// The step.
        step: Step,
        /// What undoing it needs.
        undo: Undo,
    },
    /// A step is complete.
    StepFinished {
        /// Its place in the run.
        index: usize,
    },
    /// A step failed. Unwinding follows.
    StepFailed {
        /// Its place in the run.
        index: usize,
        /// Why.
        failure: Failure,
    },
    /// Steps are being undone, newest first.
    UnwindStarted {
        /// Why.
        failure: Failure,
    },
    /// A step has been undone.
    UndoFinished {
        /// Its place in the run.
        index: usize,
    },
    /// A step could not be undone. The others still are.
    UndoFailed {
        /// Its place in the run.
        index: usize,
        /// Why.
        error: String,
        /// Whether the engine has lost count, so that a new start of it helps.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        lost_count: bool,
        /// The folders that have to go, where that does not.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        remains: Vec<String>,
    },
    /// The point of no return: from here on the run leads to the new release.
    Committed {
        /// The id of the release that runs now.
        release: String,
    },
    /// The run is over.
    Finished {
        /// How it ended.
        outcome: Outcome,
    },

    /// A part of the run begins. Which of them a person sees, and with what number, is the screen's matter.
    Phase {
        /// Which.
        phase: Phase,
    },
    /// What the run is going to do, as far as it is known before anything is built.
    Outlook {
        /// The plan.
        plan: Plan,
    },
    /// A line of a build's or a pull's output.
    Output {
        /// Where it comes from.
        from: OutputSource,
        /// The line.
        line: String,
    },
    /// A service is doing something.
    Service {
        /// The service.
        service: String,
        /// What.
        activity: Activity,
    },
    /// A remark.
    Note {
        /// The remark.
        note: Note,
    },
    /// What was read back at the end of the run, or of its undoing, and found as it should be.
    Verified {
        /// The services, with the id of their image.
        services: BTreeMap<String, String>,
        /// Containers that the run did not touch, or brought back, and that were not well before it either.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        unwell: Vec<Unwell>,
    },
}

impl Event {
    /// Whether the event is part of the run's record.
    #[must_use]
    pub const fn is_journaled(&self) -> bool {
        !matches!(
            self,
            Self::Phase { .. }
                | Self::Outlook { .. }
                | Self::Output { .. }
                | Self::Service { .. }
                | Self::Note { .. }
                | Self::Verified { .. }
        )
    }
}

/// Kinds of runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunKind {
    /// The whole stack, from its files.
    Deploy,
    /// Some services, from the stack's files.
    Update,
    /// Back to a release.
    Rollback,
    /// Data is saved; the release stays.
    DataSave,
    /// Data comes back; the release stays.
    DataRestore,
}
