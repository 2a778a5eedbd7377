//! Unwinding: the steps of a run are undone, newest first.
//!
//! # The rules
//!
//! - A step's `StepStarted` record carries what its undo needs and is on disk before the step's first effect. If it
//!   can't be written, nothing runs.
//! - Unwinding undoes every step that has such a record, newest first: the finished, the failed and the unknown ones.
//!   Each undo restores the recorded state, tolerates that the step never had an effect, and can be repeated.
//! - A forward step is never taken again while unwinding.
//! - An undo that fails is recorded, the others are still undone, and the run is stuck. Only the containers stay in which what takes a
//!   hook back has to be run: where they are gone it was run.
//! - `Committed` is one record. Before it, every failure and every crash leads back; after it, forward.

use crate::event::{Event, Failure, Outcome};
use crate::plan::{HookPlace, Undo};
use crate::run::Run;
use crate::run_state::StepStatus;
use crate::steps::{self, Site, Trouble};

impl Run<'_> {
    /// Undoes every step that was started, newest first. Never stops half-way, not even where nothing can be recorded any
    /// more (a full disk): a later recovery then only undoes again what is undone already.
    pub(crate) async fn unwind(&mut self, failure: Failure) -> Outcome {
        self.undo_all(failure.clone()).await;
        if self.state.has_failed_undo() {
            // An old container may need another one that was not back yet: its network, its volumes.
            self.undo_all(failure).await;
        }
        if self.state.has_failed_undo() {
            self.note(Event::Finished { outcome: Outcome::Stuck });
            return Outcome::Stuck;
        }
        self.note(Event::Finished { outcome: Outcome::RolledBack });
        if !self.is_off_record {
            // What the run kept for its undo is not needed any more; a recovery sweeps up where this fails.
            let _ = self.ctx.store.remove_dir(&self.layout.work(&self.state.run));
        }
        Outcome::RolledBack
    }

    async fn undo_all(&mut self, failure: Failure) {
        self.note(Event::UnwindStarted { failure });
        while let Some(index) = self.state.next_undo() {
            let undo = self.state.steps[index].undo.clone();
            let undone = match self.waits_for(&undo) {
                Some(hook) => Err(Trouble::new(format!(
                    "the containers are kept for the undo of hook `{hook}`"
                ))),
                None => steps::undo(self.site(), &undo).await,
            };
            let event = match undone {
                Ok(()) => Event::UndoFinished { index },
                Err(Trouble { message: error, lost_count }) => {
                    Event::UndoFailed { index, error, lost_count }
                }
            };
            self.tell_hooks();
            self.note(event);
        }
    }

    /// The hook that could not be taken back in the containers that this undo would remove.
    fn waits_for(&self, undo: &Undo) -> Option<&str> {
        if !matches!(undo, Undo::Create { .. }) {
            return None;
        }
        let failed = self.state.steps.iter().filter(|step| step.status == StepStatus::UndoFailed);
        let mut hooks = failed.filter_map(|step| match &step.undo {
            Undo::Hook { name, place, .. } if *place != HookPlace::Host => Some(name.as_str()),
            _ => None,
        });
        hooks.next_back()
    }

    fn site(&self) -> Site<'_> {
        Site { ctx: self.ctx, layout: &self.layout, run: &self.state.run }
    }
}
