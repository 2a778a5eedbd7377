//! What holds for every sequence of events that a run accepts.

use std::collections::BTreeSet;

use backstay_core::event::{Event, Note, Outcome};
use backstay_core::run_state::{RunState, Stage, StepStatus};
use proptest::prelude::*;

use crate::events::{
    begun, committed, failed, finished, not_undone, over, planned, started, undone, unwind,
};

/// An event, with an index that is either one that fits or any other.
#[derive(Debug, Clone, Copy)]
enum Attempt {
    Fits(u8),
    Any(u8, usize),
}

fn event(kind: u8, index: usize) -> Event {
    match kind {
        0 => planned(),
        1 => started(index),
        2 => finished(index),
        3 => failed(index),
        4 => unwind(),
        5 => undone(index),
        6 => not_undone(index),
        7 => committed(),
        8 => over(Outcome::Deployed),
        9 => over(Outcome::RolledBack),
        10 => over(Outcome::Stuck),
        11 => Event::Note { note: Note::UpToDate },
        _ => begun(),
    }
}

fn attempts() -> impl Strategy<Value = Vec<Attempt>> {
    // Steps are frequent and ends are rare, so that runs grow.
    let kind = prop_oneof![3 => Just(1_u8), 6 => Just(2), 4 => Just(5), 1 => 0..13_u8];
    let index = prop_oneof![8 => 0..6_usize, 1 => Just(usize::MAX)];
    let attempt = prop_oneof![
        4 => kind.clone().prop_map(Attempt::Fits),
        1 => (kind, index).prop_map(|(kind, index)| Attempt::Any(kind, index)),
    ];
    proptest::collection::vec(attempt, 0..60)
}

fn make(attempt: Attempt, state: &RunState) -> Event {
    match attempt {
        Attempt::Any(kind, index) => event(kind, index),
        Attempt::Fits(kind) => {
            let index = match kind {
                1 => state.steps.len(),
                2 | 3 => state.steps.len().saturating_sub(1),
                _ => state.next_undo().unwrap_or(0),
            };
            event(kind, index)
        }
    }
}

/// The events of these attempts that were accepted, with the state after each.
fn accepted(attempts: &[Attempt]) -> Vec<(Event, RunState)> {
    let first = begun();
    let mut log = vec![(first.clone(), RunState::first(first).unwrap())];
    for attempt in attempts {
        let state = log.last().unwrap().1.clone();
        let event = make(*attempt, &state);
        if let Ok(next) = state.next(event.clone()) {
            log.push((event, next));
        }
    }
    log
}

/// A second account of a run, kept without the first one's rules.
#[derive(Default)]
struct Account {
    begun: BTreeSet<usize>,
    completed: BTreeSet<usize>,
    undone: BTreeSet<usize>,
    /// What has been tried since the last beginning of an unwinding, in order.
    tried: Vec<usize>,
    unwinding: bool,
    committed: bool,
    ended: Option<Outcome>,
}

impl Account {
    fn take(&mut self, event: &Event) -> Result<(), TestCaseError> {
        if let Some(outcome) = self.ended {
            let retried = outcome == Outcome::Stuck && matches!(event, Event::UnwindStarted { .. });
            prop_assert!(retried, "{:?} after the end", event);
        }
        if self.committed {
            prop_assert_eq!(event, &over(Outcome::Deployed));
        }
        match event {
            Event::StepStarted { index, .. } => {
                prop_assert!(!self.unwinding);
                prop_assert_eq!(*index, self.begun.len());
                prop_assert_eq!(&self.begun, &self.completed, "one step at a time");
                self.begun.insert(*index);
            }
            Event::StepFinished { index } => {
                prop_assert!(!self.unwinding);
                prop_assert!(self.begun.contains(index) && self.completed.insert(*index));
            }
            Event::StepFailed { index, .. } => {
                prop_assert!(!self.unwinding && self.begun.contains(index));
                prop_assert!(!self.completed.contains(index));
            }
            Event::UnwindStarted { .. } => {
                self.unwinding = true;
                self.ended = None;
                self.tried.clear();
            }
            Event::UndoFinished { index } | Event::UndoFailed { index, .. } => {
                prop_assert!(self.unwinding && self.begun.contains(index));
                prop_assert!(!self.undone.contains(index), "undone twice");
                prop_assert!(self.tried.last().is_none_or(|last| index < last), "newest first");
                let newer = self.begun.range(index + 1..);
                for newer in newer {
                    prop_assert!(self.undone.contains(newer) || self.tried.contains(newer));
                }
                self.tried.push(*index);
                if matches!(event, Event::UndoFinished { .. }) {
                    self.undone.insert(*index);
                }
            }
            Event::Committed { .. } => {
                prop_assert!(!self.unwinding);
                prop_assert_eq!(&self.begun, &self.completed);
                self.committed = true;
            }
            Event::Finished { outcome } => {
                match outcome {
                    Outcome::Deployed => prop_assert!(self.committed),
                    Outcome::RolledBack => {
                        prop_assert!(self.unwinding);
                        prop_assert_eq!(&self.begun, &self.undone);
                    }
                    Outcome::Stuck => {
                        prop_assert!(self.unwinding && self.begun != self.undone);
                        let reached: BTreeSet<usize> =
                            self.undone.iter().chain(&self.tried).copied().collect();
                        prop_assert_eq!(&self.begun, &reached, "everything was tried");
                    }
                }
                self.ended = Some(*outcome);
            }
            Event::Planned { .. } => prop_assert!(!self.unwinding),
            Event::RunStarted { .. } => prop_assert!(self.begun.is_empty()),
            other => prop_assert!(false, "{:?} is no part of a record", other),
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn what_is_accepted_keeps_the_journals_rules(attempts in attempts()) {
        let mut account = Account::default();
        for (event, state) in accepted(&attempts) {
            account.take(&event)?;
            prop_assert_eq!(state.steps.len(), account.begun.len());
            prop_assert_eq!(state.stage == Stage::Committed, account.committed && account.ended.is_none());
            if let Some(outcome) = account.ended {
                prop_assert_eq!(state.stage, Stage::Ended(outcome));
            }
            let undone = state.steps.iter().filter(|r| r.status == StepStatus::Undone).count();
            prop_assert_eq!(undone, account.undone.len());
            prop_assert_eq!(state.is_open(), !matches!(account.ended, Some(Outcome::Deployed | Outcome::RolledBack)));
        }
    }

    #[test]
    fn every_open_run_can_be_brought_to_its_end(attempts in attempts(), fails in 0..4_u8) {
        let (_, mut state) = accepted(&attempts).pop().unwrap();
        if !state.is_open() {
            return Ok(());
        }
        if state.stage == Stage::Committed {
            state = state.next(over(Outcome::Deployed)).unwrap();
        } else {
            state = state.next(unwind()).unwrap();
            while let Some(index) = state.next_undo() {
                let event = if fails == 0 { not_undone(index) } else { undone(index) };
                state = state.next(event).unwrap();
            }
            let outcome = if state.has_failed_undo() { Outcome::Stuck } else { Outcome::RolledBack };
            state = state.next(over(outcome)).unwrap();
        }
        prop_assert!(matches!(state.stage, Stage::Ended(_)));
    }

    #[test]
    fn a_record_that_is_cut_anywhere_can_be_read(attempts in attempts()) {
        let log = accepted(&attempts);
        for cut in 0..=log.len() {
            let events = log[..cut].iter().map(|(event, _)| event.clone());
            let state = RunState::replay(events).unwrap();
            prop_assert_eq!(state, cut.checked_sub(1).map(|last| log[last].1.clone()));
        }
    }

    #[test]
    fn nonsense_is_refused_at_its_place(kinds in proptest::collection::vec((0..13_u8, prop_oneof![0..4_usize, Just(usize::MAX)]), 0..12)) {
        let mut events: Vec<Event> = kinds.iter().map(|(kind, index)| event(*kind, *index)).collect();
        events.insert(0, begun());
        let whole = RunState::replay(events.clone());
        let end = whole.as_ref().map_or_else(|(index, _)| *index, |_| events.len());
        for cut in 0..=events.len() {
            let part = RunState::replay(events[..cut].to_vec());
            if cut <= end {
                prop_assert!(part.is_ok(), "{} of {}", cut, end);
            } else {
                prop_assert_eq!(part, whole.clone());
            }
        }
    }

    #[test]
    fn events_survive_being_written_down(kind in 0..13_u8, index in 0..9_usize) {
        let event = event(kind, index);
        let text = serde_json::to_string(&event).unwrap();
        prop_assert!(!text.contains('\n'));
        prop_assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
    }
}
