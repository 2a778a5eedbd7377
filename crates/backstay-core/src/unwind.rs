//! Unwinding: the steps of a run are undone, newest first.
//!
//! # The rules
//!
//! - A step's `StepStarted` record carries what its undo needs and is on disk before the step's first effect. If it
//!   can't be written, nothing runs.
//! - Unwinding undoes every step that has such a record, newest first: the finished, the failed and the unknown ones.
//!   Each undo restores the recorded state, tolerates that the step never had an effect, and can be repeated.
//! - A forward step is never taken again while unwinding.
//! - An undo that fails is recorded, the others are still undone, and the run is stuck. Three kinds wait: the containers stay in which
//!   what takes a hook back has to be run (where they are gone it was run); a hook that came before data was saved is taken back
//!   when that data is, else the data would bring back what the hook did; and who stood still for data stands still until it is back,
//!   else they would write into half of it, and lose that when it comes.
//! - `Committed` is one record. Before it, every failure and every crash leads back; after it, forward.

use crate::event::{Event, Failure, Outcome};
use crate::plan::{HookPlace, Undo};
use crate::run::Run;
use crate::run_state::{StepRecord, StepStatus};
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
            let undone = match self.waits_for(index, &undo) {
                Some(why) => Err(Trouble::new(why)),
                None => steps::undo(self.site(), &self.now(undo)).await,
            };
            let event = match undone {
                Ok(()) => Event::UndoFinished { index },
                Err(Trouble { message: error, lost_count, remains }) => {
                    Event::UndoFailed { index, error, lost_count, remains }
                }
            };
            self.tell_hooks();
            self.note(event);
        }
    }

    /// What has to be undone before this, and could not be.
    fn waits_for(&self, index: usize, undo: &Undo) -> Option<String> {
        let later = self.state.steps.iter().skip(index + 1);
        let mut failed = later.filter(|step| step.status == StepStatus::UndoFailed).rev();
        match undo {
            Undo::Create { .. } => failed.find_map(|step| match &step.undo {
                Undo::Hook { name, place, .. } if *place != HookPlace::Host => {
                    Some(format!("the containers are kept for the undo of hook `{name}`"))
                }
                _ => None,
            }),
            Undo::Hook { name, .. } => failed
                .any(brings_data_back)
                .then(|| format!("hook `{name}` is taken back when the data is back")),
            Undo::Retire { .. } => failed
                .any(brings_data_back)
                .then(|| "who writes the data stands still until it is back".to_owned()),
            _ => None,
        }
    }

    /// What of it is undone now: who waits for data is not started with the others.
    fn now(&self, undo: Undo) -> Undo {
        let Undo::KeepUp { project, mut containers } = undo else { return undo };
        let failed = || self.state.steps.iter().filter(|s| s.status == StepStatus::UndoFailed);
        if failed().any(brings_data_back) {
            for step in failed() {
                let Undo::Retire { swaps } = &step.undo else { continue };
                let old = swaps.iter().filter_map(|swap| swap.old.as_ref());
                let waiting: Vec<&String> = old.map(|old| &old.id).collect();
                containers.retain(|id| !waiting.contains(&id));
            }
        }
        Undo::KeepUp { project, containers }
    }

    fn site(&self) -> Site<'_> {
        Site { ctx: self.ctx, layout: &self.layout, run: &self.state.run }
    }
}

/// Whether the undo of a step brings data back.
const fn brings_data_back(step: &StepRecord) -> bool {
    matches!(step.undo, Undo::PutBack { .. })
}
