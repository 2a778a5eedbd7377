//! What a journal says: the state of a run after each of its events, and which events may follow which.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::event::{Event, Failure, Outcome, RunKind};
use crate::plan::Undo;
use crate::plan::{Plan, Step};

/// An event that can't follow what came before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{event} can't follow: {why}")]
pub struct IllegalEvent {
    /// The event's type.
    pub event: &'static str,
    /// Why not.
    pub why: String,
}

/// Where a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Steps are being taken; a crash leads back.
    Forward,
    /// Steps are being undone.
    Unwinding,
    /// Past the point of no return; a crash leads forward.
    Committed,
    /// Over.
    Ended(Outcome),
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepStatus {
    /// It may have had effects.
    Started,
    /// It is complete.
    Finished,
    /// It failed, and may have had effects.
    Failed,
    /// It has been undone.
    Undone,
    /// It could not be undone.
    UndoFailed,
}

/// A step that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepRecord {
    /// The step.
    pub step: Step,
    /// What undoing it needs.
    pub undo: Undo,
    /// What became of it.
    pub status: StepStatus,
}

/// A run, as its events tell it.
#[derive(Debug, Clone, PartialEq)]
pub struct RunState {
    /// Its id.
    pub run: String,
    /// Its kind.
    pub kind: RunKind,
    /// The project.
    pub project: String,
    /// The stack's directory, where it is on record.
    pub directory: Option<PathBuf>,
    /// For a rollback, the release to restore.
    pub target: Option<String>,
    /// The release before.
    pub previous: Option<String>,
    /// Where it is.
    pub stage: Stage,
    /// The steps so far, in order.
    pub steps: Vec<StepRecord>,
    /// The plan, once it stands.
    pub plan: Option<Plan>,
    /// Why it is being undone.
    pub failure: Option<Failure>,
    /// Why steps could not be undone, as far as the last attempt got.
    pub problems: Vec<String>,
    /// Whether one of them is that the engine has lost count, so that a new start of it helps.
    pub lost_count: bool,
    /// The folders that have to go, where that does not help.
    pub remains: BTreeSet<String>,
    /// The release that was committed.
    pub release: Option<String>,
}

impl RunState {
    /// Reads a journal's events from the first.
    ///
    /// # Errors
    /// The first event that can't follow, with its place from 0. An empty list has no state.
    pub fn replay(
        events: impl IntoIterator<Item = Event>,
    ) -> Result<Option<Self>, (usize, IllegalEvent)> {
        let mut state = None;
        for (index, event) in events.into_iter().enumerate() {
            let next = match state.take() {
                None => Self::first(event),
                Some(state) => Self::next(state, event),
            };
            state = Some(next.map_err(|error| (index, error))?);
        }
        Ok(state)
    }

    /// The state after a journal's first event.
    ///
    /// # Errors
    /// Any event but `RunStarted`.
    pub fn first(event: Event) -> Result<Self, IllegalEvent> {
        match event {
            Event::RunStarted { run, kind, project, directory, target, previous, pid: _ } => {
                Ok(Self {
                    run,
                    kind,
                    project,
                    directory,
                    target,
                    previous,
                    stage: Stage::Forward,
                    steps: Vec::new(),
                    plan: None,
                    failure: None,
                    problems: Vec::new(),
                    lost_count: false,
                    remains: BTreeSet::new(),
                    release: None,
                })
            }
            other => Err(illegal(&other, "a journal begins with run-started")),
        }
    }

    /// The state after one more event.
    ///
    /// # Errors
    /// An event that can't follow; nothing is known of the run then but what came before.
    pub fn next(mut self, event: Event) -> Result<Self, IllegalEvent> {
        let last = self.steps.len().wrapping_sub(1);
        match (&self.stage, &event) {
            (Stage::Forward, Event::Planned { .. }) if self.plan.is_none() => {}
            (Stage::Forward, Event::Resolved { .. })
                if self.plan.is_none() && self.is_settled() => {}
            (Stage::Forward, Event::StepStarted { index, .. })
                if *index == self.steps.len() && self.is_settled() => {}
            (Stage::Forward, Event::StepFinished { index } | Event::StepFailed { index, .. })
                if *index == last && !self.is_settled() => {}
            // A recovery begins to unwind again where a crash, or a person's help, ended the last attempt.
            (
                Stage::Forward | Stage::Unwinding | Stage::Ended(Outcome::Stuck),
                Event::UnwindStarted { .. },
            ) => {}
            (Stage::Unwinding, Event::UndoFinished { index } | Event::UndoFailed { index, .. })
                if self.next_undo() == Some(*index) => {}
            (Stage::Forward, Event::Committed { .. })
                if self.steps.iter().all(|record| record.status == StepStatus::Finished) => {}
            (Stage::Committed, Event::Finished { outcome: Outcome::Deployed }) => {}
            (Stage::Unwinding, Event::Finished { outcome: Outcome::RolledBack })
                if self.steps.iter().all(|record| record.status == StepStatus::Undone) => {}
            (Stage::Unwinding, Event::Finished { outcome: Outcome::Stuck })
                if self.next_undo().is_none() && self.has_failed_undo() => {}
            _ => {
                return Err(illegal(
                    &event,
                    &format!("the run is {:?} after {} steps", self.stage, self.steps.len()),
                ));
            }
        }
        match event {
            Event::Resolved { project, previous } => {
                self.project = project;
                self.previous = previous;
            }
            Event::Planned { plan } => self.plan = Some(plan),
            Event::StepStarted { step, undo, .. } => {
                self.steps.push(StepRecord { step, undo, status: StepStatus::Started });
            }
            Event::StepFinished { index } => self.set(index, StepStatus::Finished),
            Event::StepFailed { index, .. } => self.set(index, StepStatus::Failed),
            Event::UnwindStarted { failure } => {
                self.stage = Stage::Unwinding;
                self.failure.get_or_insert(failure);
                self.problems.clear();
                self.lost_count = false;
                self.remains.clear();
                // What could not be undone is tried again. What ran may have gone down once more since it was seen to.
                for record in &mut self.steps {
                    let failed = record.status == StepStatus::UndoFailed;
                    if failed || matches!(record.undo, Undo::KeepUp { .. }) {
                        record.status = StepStatus::Started;
                    }
                }
            }
            Event::UndoFinished { index } => self.set(index, StepStatus::Undone),
            Event::UndoFailed { index, error, lost_count, remains } => {
                self.lost_count |= lost_count;
                self.remains.extend(remains);
                self.set(index, StepStatus::UndoFailed);
                self.problems.push(error);
            }
            Event::Committed { release } => {
                self.stage = Stage::Committed;
                self.release = Some(release);
            }
            Event::Finished { outcome } => self.stage = Stage::Ended(outcome),
            _ => {}
        }
        Ok(self)
    }

    /// The step that is to be undone next: the newest that has neither been undone nor failed to be.
    #[must_use]
    pub fn next_undo(&self) -> Option<usize> {
        self.steps.iter().rposition(|record| {
            !matches!(record.status, StepStatus::Undone | StepStatus::UndoFailed)
        })
    }

    /// Whether the run needs a recovery: it neither ended well nor was undone in full.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        !matches!(self.stage, Stage::Ended(Outcome::Deployed | Outcome::RolledBack))
    }

    /// Whether a step could not be undone.
    #[must_use]
    pub fn has_failed_undo(&self) -> bool {
        self.steps.iter().any(|record| record.status == StepStatus::UndoFailed)
    }

    fn is_settled(&self) -> bool {
        self.steps.last().is_none_or(|record| record.status == StepStatus::Finished)
    }

    fn set(&mut self, index: usize, status: StepStatus) {
        if let Some(record) = self.steps.get_mut(index) {
            record.status = status;
        }
    }
}

fn illegal(event: &Event, why: &str) -> IllegalEvent {
    let event = match event {
        Event::RunStarted { .. } => "run-started",
        Event::Resolved { .. } => "resolved",
        Event::Planned { .. } => "planned",
        Event::StepStarted { .. } => "step-started",
        Event::StepFinished { .. } => "step-finished",
        Event::StepFailed { .. } => "step-failed",
        Event::UnwindStarted { .. } => "unwind-started",
        Event::UndoFinished { .. } => "undo-finished",
        Event::UndoFailed { .. } => "undo-failed",
        Event::Committed { .. } => "committed",
        Event::Finished { .. } => "finished",
        _ => "an event that is not part of a record",
    };
    IllegalEvent { event, why: why.to_owned() }
}
