//! Events in short.

use backstay_core::event::{Cause, Event, Failure, Outcome, RunKind};
use backstay_core::plan::Undo;
use backstay_core::plan::{Plan, Step};

pub(crate) fn begun() -> Event {
    Event::RunStarted {
        run: "20240129_143052".into(),
        kind: RunKind::Deploy,
        project: "shop".into(),
        directory: None,
        pid: 7,
        target: None,
        previous: Some("20240128_120000".into()),
    }
}

pub(crate) fn planned() -> Event {
    Event::Planned { plan: Plan::default() }
}

pub(crate) fn started(index: usize) -> Event {
    Event::StepStarted { index, step: Step::Tags, undo: Undo::Nothing }
}

pub(crate) fn finished(index: usize) -> Event {
    Event::StepFinished { index }
}

pub(crate) fn failed(index: usize) -> Event {
    Event::StepFailed { index, failure: failure(index) }
}

pub(crate) fn unwind() -> Event {
    Event::UnwindStarted { failure: failure(99) }
}

pub(crate) fn undone(index: usize) -> Event {
    Event::UndoFinished { index }
}

pub(crate) fn not_undone(index: usize) -> Event {
    Event::UndoFailed {
        index,
        error: "the disk is gone".into(),
        lost_count: false,
        remains: Vec::new(),
    }
}

pub(crate) fn committed() -> Event {
    Event::Committed { release: "20240129_143052".into() }
}

pub(crate) fn over(outcome: Outcome) -> Event {
    Event::Finished { outcome }
}

/// A failure that can be told from others.
pub(crate) fn failure(mark: usize) -> Failure {
    Failure::of(
        format!("service-{mark}"),
        Cause::Unhealthy { expected: None, waited: None, missing: false },
    )
}
