//! A run: its record and its steps. [`crate::unwind`] has the rules by which they are undone.

use std::future::Future;
use std::path::PathBuf;

use futures_util::future::{Either, select};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::event::{Cause, Event, Failure, OutputSource};
use crate::journal::{Journal, Record, load};
use crate::layout::Layout;
use crate::plan::Step;
use crate::plan::Undo;
use crate::run_record;
use crate::run_state::{IllegalEvent, RunState, Stage};
use crate::store::own_folder;

/// A run in progress.
pub(crate) struct Run<'a> {
    pub ctx: &'a Context,
    pub layout: Layout,
    pub state: RunState,
    journal: Journal,
    /// Whether an event of the unwinding could not be recorded. Nothing more is then: a journal with a gap can't be read,
    /// and one that ends early only makes a later recovery undo again what is undone already.
    pub(crate) is_off_record: bool,
    is_in_doubt: bool,
    /// When another process wrote its last record.
    last_record: Option<String>,
    /// When it began: RFC 3339, in UTC.
    pub(crate) begun: String,
}

impl<'a> Run<'a> {
    /// Starts a run with its first record.
    pub(crate) fn begin(ctx: &'a Context, layout: Layout, first: Event) -> Result<Self> {
        let state = RunState::first(first.clone())
            .map_err(|error| illegal(layout.root().into(), 0, &error))?;
        let first = ctx.secrets.event(first);
        let folder = layout.journals();
        ctx.store.create_dir(&folder).map_err(|error| Error::io("creating", &folder, error))?;
        let path = layout.journal(&state.run);
        let mut journal = Journal::create(path.clone(), ctx.store.clone());
        let begun = ctx.timestamp();
        journal.append(begun.clone(), first.clone())?;
        // There as long as the run is open: a journal without it that does not end its run has lost records.
        let work = layout.work(&state.run);
        if let Err(error) = ctx.store.create_dir(&work) {
            // It may be there nevertheless, and must not outlive the journal.
            if ctx.store.remove_dir(&work).is_ok() {
                let _ = ctx.store.remove_file(&path);
            }
            return Err(Error::io("creating", &work, error));
        }
        ctx.reporter.report(&first);
        Ok(Self::new(ctx, layout, state, journal, (begun, None)))
    }

    /// Opens the journal of a run that another process began. `None` where nothing was recorded.
    pub(crate) fn resume(ctx: &'a Context, layout: Layout, run: &str) -> Result<Option<Self>> {
        let path = layout.journal(run);
        let had_folder = own_folder(&layout.work(run), &*ctx.store)?;
        let (records, intact) = load(&path, &*ctx.store)?;
        // Nothing is cut off of a journal that is refused.
        let state = run_record::replay(&layout, run, &records, had_folder, &*ctx.store)?;
        let at = |record: Option<&Record>| record.map(|record| record.at.clone());
        let times = (at(records.first()).unwrap_or_default(), at(records.last()));
        // Its files are where it found them, wherever the stack is now.
        let directory = state.as_ref().and_then(|state| state.directory.clone());
        let layout = directory.map_or(layout.clone(), |found| layout.clone().in_directory(found));
        let journal = Journal::after(path, ctx.store.clone(), &records, intact)?;
        Ok(state.map(|state| Self::new(ctx, layout, state, journal, times)))
    }

    fn new(
        ctx: &'a Context,
        layout: Layout,
        state: RunState,
        journal: Journal,
        (begun, last_record): (String, Option<String>),
    ) -> Self {
        let (is_off_record, is_in_doubt) = (false, false);
        Self { ctx, layout, state, journal, is_off_record, is_in_doubt, last_record, begun }
    }

    /// When another process, which this one picks up from, wrote its last record: RFC 3339, in UTC.
    pub(crate) fn last_record(&self) -> Option<&str> {
        self.last_record.as_deref()
    }

    /// Puts an event on record, then tells the reporter.
    pub(crate) fn record(&mut self, event: Event) -> Result<()> {
        let event = self.ctx.secrets.event(event);
        let place = self.journal.path().to_owned();
        let next = self
            .state
            .clone()
            .next(event.clone())
            .map_err(|error| illegal(place, self.state.steps.len(), &error))?;
        self.journal.append(self.ctx.timestamp(), event.clone())?;
        self.state = next;
        self.ctx.reporter.report(&event);
        Ok(())
    }

    /// Takes a step: its record, its effect, the record of its end. A wish to stop ends it like a failure.
    pub(crate) async fn step<T: Send>(
        &mut self,
        step: Step,
        undo: Undo,
        effect: impl Future<Output = std::result::Result<T, Failure>> + Send,
    ) -> std::result::Result<T, Failure> {
        let cancel = self.ctx.cancel.clone();
        if cancel.is_set() {
            return Err(Failure::new(Cause::Interrupted));
        }
        let index = self.state.steps.len();
        self.record(Event::StepStarted { index, step, undo })?;
        let result = match select(std::pin::pin!(effect), std::pin::pin!(cancel.wait())).await {
            Either::Left((result, _)) => result,
            Either::Right(_) => Err(Failure::new(Cause::Interrupted)),
        };
        self.tell_hooks();
        match result {
            Ok(value) => {
                self.record(Event::StepFinished { index })?;
                Ok(value)
            }
            Err(failure) => {
                // Whether this record is written or not, the step has a `StepStarted` and will be undone.
                let _ = self.record(Event::StepFailed { index, failure: failure.clone() });
                Err(failure)
            }
        }
    }

    /// Tells what hooks have written.
    pub(crate) fn tell_hooks(&self) {
        for (service, line) in self.ctx.engine.hook_output() {
            let line = format!("{service}: {line}");
            self.ctx.reporter.report(&Event::Output { from: OutputSource::Hook, line });
        }
    }

    /// Commits: the point of no return.
    pub(crate) fn commit(&mut self, release: &str) -> std::result::Result<(), Failure> {
        if self.ctx.cancel.is_set() {
            return Err(Failure::new(Cause::Interrupted));
        }
        self.record(Event::Committed { release: release.to_owned() }).map_err(|error| {
            self.is_in_doubt = self.journal.is_uncertain();
            Failure::from(&error)
        })
    }

    /// Whether the disk may hold the commit though it said that it does not: then nothing may be undone and nothing
    /// finished until a recovery reads what is on record.
    pub(crate) const fn is_in_doubt(&self) -> bool {
        self.is_in_doubt
    }

    /// Whether the commit is on record.
    pub(crate) fn is_committed(&self) -> bool {
        self.state.stage == Stage::Committed
    }

    /// Whether it has ended, and its end is on record.
    pub(crate) const fn is_over(&self) -> bool {
        !self.is_off_record && !self.state.is_open()
    }

    /// Records an event of the unwinding. Where the disk refuses, the run goes on from memory.
    pub(crate) fn note(&mut self, event: Event) {
        let event = self.ctx.secrets.event(event);
        if !self.is_off_record && self.record(event.clone()).is_ok() {
            return;
        }
        self.is_off_record = true;
        if let Ok(next) = self.state.clone().next(event.clone()) {
            self.state = next;
            self.ctx.reporter.report(&event);
        }
    }
}

fn illegal(file: PathBuf, index: usize, error: &IllegalEvent) -> Error {
    Error::Journal { file, line: index + 1, problem: error.to_string() }
}
