//! The sequences of events that a run may have, and those that it may not.

use backstay_core::event::{Event, Note, Outcome, Phase, RunKind};
use backstay_core::run_state::{IllegalEvent, RunState, Stage, StepStatus};

use crate::events::{
    begun, committed, failed, failure, finished, not_undone, over, planned, started, undone, unwind,
};

fn replay(events: &[Event]) -> RunState {
    RunState::replay(events.to_vec()).unwrap().unwrap()
}

/// The place and the error of the first event that can't follow.
fn refused(events: &[Event]) -> (usize, IllegalEvent) {
    RunState::replay(events.to_vec()).unwrap_err()
}

fn statuses(state: &RunState) -> Vec<StepStatus> {
    state.steps.iter().map(|record| record.status).collect()
}

#[test]
fn no_events_are_no_run() {
    assert_eq!(RunState::replay([]), Ok(None));
}

#[test]
fn a_run_begins_with_who_it_is() {
    let state = replay(&[begun()]);
    assert_eq!((state.run.as_str(), state.project.as_str()), ("20240129_143052", "shop"));
    assert_eq!((state.kind, state.stage), (RunKind::Deploy, Stage::Forward));
    assert_eq!(state.previous.as_deref(), Some("20240128_120000"));
    assert!(state.steps.is_empty() && state.plan.is_none() && state.failure.is_none());
    assert!(state.is_open());
}

#[test]
fn a_run_begins_with_nothing_else_and_only_once() {
    for other in [planned(), started(0), unwind(), committed(), over(Outcome::Deployed)] {
        assert_eq!(refused(std::slice::from_ref(&other)).0, 0, "{other:?}");
    }
    assert_eq!(refused(&[begun(), begun()]).0, 1);
}

#[test]
fn a_good_run_commits_and_ends() {
    let mut events = vec![begun(), started(0), finished(0), planned(), started(1), finished(1)];
    assert!(replay(&events).plan.is_some());
    events.push(committed());
    let state = replay(&events);
    assert_eq!(state.stage, Stage::Committed);
    assert_eq!(state.release.as_deref(), Some("20240129_143052"));
    assert!(state.is_open(), "the way forward is not done");
    events.push(over(Outcome::Deployed));
    let state = replay(&events);
    assert_eq!(state.stage, Stage::Ended(Outcome::Deployed));
    assert!(!state.is_open());
}

#[test]
fn a_failed_step_is_undone_with_those_before_it() {
    let events = [begun(), started(0), finished(0), started(1), failed(1), unwind()];
    let state = replay(&events);
    assert_eq!(state.stage, Stage::Unwinding);
    assert_eq!(state.failure, Some(failure(99)));
    assert_eq!(state.next_undo(), Some(1));
    let mut events = events.to_vec();
    events.push(undone(1));
    assert_eq!(replay(&events).next_undo(), Some(0));
    events.extend([undone(0), over(Outcome::RolledBack)]);
    let state = replay(&events);
    assert_eq!(statuses(&state), [StepStatus::Undone, StepStatus::Undone]);
    assert!(!state.is_open());
    assert_eq!(state.next_undo(), None);
}

#[test]
fn a_crash_in_the_middle_of_a_step_is_undone_with_that_step() {
    let events = [begun(), started(0), finished(0), started(1), unwind(), undone(1), undone(0)];
    assert_eq!(replay(&events).next_undo(), None);
}

#[test]
fn a_crash_before_the_first_step_has_nothing_to_undo() {
    let events = [begun(), unwind(), over(Outcome::RolledBack)];
    assert!(!replay(&events).is_open());
}

#[test]
fn a_crash_between_steps_and_one_while_undoing_go_on_where_they_were() {
    let events = [
        begun(),
        started(0),
        finished(0),
        started(1),
        finished(1),
        unwind(),
        undone(1),
        // The recovery.
        unwind(),
        undone(0),
        over(Outcome::RolledBack),
    ];
    assert!(!replay(&events).is_open());
    let again =
        [begun(), started(0), finished(0), started(1), unwind(), undone(1), unwind(), undone(1)];
    assert_eq!(refused(&again).0, 7, "what is undone is not undone again");
}

#[test]
fn the_first_failure_is_the_one_that_counts() {
    let other = Event::UnwindStarted { failure: failure(5) };
    let state = replay(&[begun(), started(0), unwind(), other]);
    assert_eq!(state.failure, Some(failure(99)));
}

#[test]
fn an_undo_that_fails_leaves_the_run_stuck_and_the_rest_undone() {
    let mut events = vec![begun(), started(0), finished(0), started(1), failed(1), unwind()];
    events.push(not_undone(1));
    let state = replay(&events);
    assert!(state.has_failed_undo());
    assert_eq!(state.next_undo(), Some(0), "the others are still undone");
    events.push(undone(0));
    assert_eq!(refused(&[events.clone(), vec![over(Outcome::RolledBack)]].concat()).0, 8);
    events.push(over(Outcome::Stuck));
    let state = replay(&events);
    assert_eq!(state.stage, Stage::Ended(Outcome::Stuck));
    assert!(state.is_open(), "a person or a recovery has to help");
}

#[test]
fn a_stuck_run_is_tried_again_where_it_failed_alone() {
    let stuck = [
        begun(),
        started(0),
        finished(0),
        started(1),
        finished(1),
        unwind(),
        not_undone(1),
        undone(0),
        over(Outcome::Stuck),
    ];
    let mut events = stuck.to_vec();
    events.push(unwind());
    let state = replay(&events);
    assert_eq!(state.next_undo(), Some(1));
    assert!(!state.has_failed_undo());
    events.extend([undone(1), over(Outcome::RolledBack)]);
    assert!(!replay(&events).is_open());
    let mut still_stuck = stuck.to_vec();
    still_stuck.extend([unwind(), not_undone(1), over(Outcome::Stuck), unwind()]);
    assert_eq!(replay(&still_stuck).next_undo(), Some(1));
}

#[test]
fn a_run_is_not_stuck_while_something_is_left_to_undo() {
    let events = [
        begun(),
        started(0),
        finished(0),
        started(1),
        unwind(),
        not_undone(1),
        over(Outcome::Stuck),
    ];
    assert_eq!(refused(&events).0, 6);
    let nothing_failed = [begun(), started(0), unwind(), undone(0), over(Outcome::Stuck)];
    assert_eq!(refused(&nothing_failed).0, 4);
}

#[test]
fn a_run_is_not_committed_before_every_step_is_finished() {
    assert_eq!(refused(&[begun(), started(0), committed()]).0, 2);
    assert_eq!(refused(&[begun(), started(0), failed(0), committed()]).0, 3);
    assert_eq!(refused(&[begun(), started(0), finished(0), unwind(), committed()]).0, 4);
    assert_eq!(replay(&[begun(), committed()]).stage, Stage::Committed);
}

#[test]
fn past_the_commit_there_is_no_way_back() {
    let events = [begun(), started(0), finished(0), committed()];
    let others = [
        unwind(),
        undone(0),
        started(1),
        finished(0),
        planned(),
        committed(),
        over(Outcome::RolledBack),
        over(Outcome::Stuck),
    ];
    for other in others {
        let events = [events.to_vec(), vec![other.clone()]].concat();
        assert_eq!(refused(&events).0, 4, "{other:?}");
    }
}

#[test]
fn a_run_does_not_end_before_it_is_committed_or_undone() {
    for outcome in [Outcome::Deployed, Outcome::RolledBack, Outcome::Stuck] {
        assert_eq!(refused(&[begun(), started(0), finished(0), over(outcome)]).0, 3);
    }
    assert_eq!(refused(&[begun(), started(0), unwind(), over(Outcome::RolledBack)]).0, 3);
    assert_eq!(refused(&[begun(), started(0), unwind(), over(Outcome::Deployed)]).0, 3);
}

#[test]
fn steps_are_taken_one_after_the_other() {
    assert_eq!(refused(&[begun(), started(1)]).0, 1);
    assert_eq!(refused(&[begun(), started(0), started(1)]).0, 2);
    assert_eq!(refused(&[begun(), started(0), finished(0), started(0)]).0, 3);
    assert_eq!(refused(&[begun(), started(0), failed(0), started(1)]).0, 3);
    assert_eq!(refused(&[begun(), finished(0)]).0, 1);
    assert_eq!(refused(&[begun(), failed(usize::MAX)]).0, 1);
    assert_eq!(refused(&[begun(), started(0), finished(0), finished(0)]).0, 3);
    assert_eq!(refused(&[begun(), started(0), finished(0), failed(0)]).0, 3);
}

#[test]
fn no_step_is_taken_while_unwinding() {
    for other in [started(1), finished(0), failed(0), planned()] {
        assert_eq!(refused(&[begun(), started(0), unwind(), other.clone()]).0, 3, "{other:?}");
    }
}

#[test]
fn undoing_goes_from_the_newest_to_the_oldest() {
    let two = [begun(), started(0), finished(0), started(1), finished(1)];
    let after = |more: &[Event]| refused(&[two.to_vec(), more.to_vec()].concat()).0;
    assert_eq!(after(&[undone(1)]), 5, "undoing is announced");
    assert_eq!(after(&[unwind(), undone(0)]), 6);
    assert_eq!(after(&[unwind(), not_undone(0)]), 6);
    assert_eq!(after(&[unwind(), undone(2)]), 6);
    assert_eq!(after(&[unwind(), not_undone(1), undone(1)]), 7);
}

#[test]
fn there_is_one_plan() {
    assert_eq!(refused(&[begun(), planned(), planned()]).0, 2);
}

#[test]
fn what_only_says_how_it_is_going_is_no_part_of_the_record() {
    for event in [Event::Note { note: Note::FirstDeployment }, Event::Phase { phase: Phase::Check }]
    {
        assert!(!event.is_journaled());
        assert_eq!(refused(&[begun(), event]).0, 1);
    }
}

#[test]
fn a_refused_event_is_named() {
    let (_, error) = refused(&[begun(), committed(), unwind()]);
    assert_eq!(error.event, "unwind-started");
    assert!(error.to_string().contains("Committed"), "{error}");
}
