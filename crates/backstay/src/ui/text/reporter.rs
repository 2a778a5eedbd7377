//! The reporter for people: keeps what it needs of the run so far, and says one thing for one event.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Instant;

use backstay_core::event::{Activity, Event, Failure, Note, Outcome, Phase, RunKind, Undo};
use backstay_core::plan::Step;
use backstay_core::ports::Reporter;

use super::run::{Run, add};
use super::unwind::Unwinding;
use super::{Wording, changes, failure, notes, phases, services, steps, summary, unwind};
use crate::i18n::t;
use crate::ui::{Screen, clean};

/// Tells a run to a person.
pub struct TextReporter {
    screen: Rc<dyn Screen>,
    wording: Wording,
    began: Instant,
    run: RefCell<Run>,
}

impl TextReporter {
    /// Tells it on this screen in these words.
    #[must_use]
    pub fn new(screen: Rc<dyn Screen>, wording: Wording) -> Self {
        Self { screen, wording, began: Instant::now(), run: RefCell::default() }
    }

    fn say(&self, lines: impl IntoIterator<Item = String>) {
        lines.into_iter().for_each(|line| self.screen.line(&line));
    }

    fn failure(&self, run: &mut Run, failure: &Failure) {
        if std::mem::replace(&mut run.told, true) {
            return;
        }
        let headline = failure::headline(self.wording.lang, failure, &run.failed);
        self.say([self.wording.bad(&headline)]);
        self.say(failure::details(&self.wording, failure));
    }

    fn service(&self, run: &mut Run, service: &str, activity: &Activity) {
        match activity {
            Activity::Failed => drop(add(&mut run.failed, service)),
            Activity::Restored => {
                run.unwinding.get_or_insert_default().restored(service);
            }
            Activity::Rehearsing | Activity::Waiting { .. }
                if run.unwinding.is_none() && !run.waiting =>
            {
                run.waiting = true;
                self.say([format!("  {}", t!(self.wording.lang, "services-waiting"))]);
            }
            _ => {}
        }
        match services::row(&self.wording, service, activity) {
            Some(row) => run.progress.set(service, row),
            None => run.progress.remove(service),
        }
        // The gate is passed several times: in the rehearsal, after the switch, while being watched.
        if *activity != Activity::Ready || add(&mut run.ready, service) {
            self.say(services::line(&self.wording, service, activity));
        }
    }

    fn finished(&self, run: &mut Run, outcome: Outcome) {
        run.progress.clear();
        let unwinding = run.unwinding.take();
        let Some(kind) = run.kind else {
            self.say(
                unwinding.map(|found| found.restored_lines(&self.wording)).unwrap_or_default(),
            );
            return;
        };
        match unwinding {
            Some(unwinding) => self.say(unwinding.lines(&self.wording, run.first)),
            None => self.say([String::new()]),
        }
        self.say(summary::banner(&self.wording, kind, outcome));
    }

    fn phase(&self, run: &mut Run, number: usize, of: usize, phase: Phase) {
        if run.files_checked {
            self.say([self.wording.good(&t!(self.wording.lang, "files-unchanged"))]);
        }
        // The guide sets the parts of a rollback apart, those of a deployment not.
        if run.phases > 0 && run.kind == Some(RunKind::Rollback) {
            self.say([String::new()]);
        }
        run.phases += 1;
        run.files_checked = phase == Phase::RestoreFiles;
        self.say([phases::heading(&self.wording, number, of, phase)]);
    }

    fn step_started(&self, run: &mut Run, index: usize, step: &Step, undo: &Undo) {
        run.files_checked &= *step != Step::Files;
        run.steps.insert(index, (step.clone(), undo.clone()));
        run.progress.set(&row_key(index), steps::planned(&self.wording, step));
    }

    fn unwinding(&self, run: &mut Run, failure: &Failure) {
        run.progress.clear();
        if let Some(kind) = run.kind {
            self.failure(run, failure);
            self.say([String::new()]);
            self.say(unwind::banner(&self.wording, kind, failure));
            self.say([String::new()]);
        } else {
            // Another process began this run; what it did is in its journal, not among these events.
            self.say([format!("  {}", t!(self.wording.lang, "undo-resumed"))]);
        }
        run.unwinding = Some(Unwinding::default());
        run.progress.set("undo", t!(self.wording.lang, "undo-running"));
    }

    fn undo_failed(&self, run: &mut Run, index: usize, error: &str) {
        if let Some((step, undo)) = run.steps.get(&index) {
            let (step, undo) = (step.clone(), undo.clone());
            run.unwinding.get_or_insert_default().failed(step, undo, error);
        } else {
            let lang = self.wording.lang;
            let text = t!(lang, "undo-failed-unknown", number = index + 1, error = error);
            self.say([self.wording.bad(&text)]);
        }
    }

    fn output(&self, run: &mut Run, line: &str) {
        let line = clean::lines(line).join(" ");
        if line.is_empty() {
            return;
        }
        if self.wording.output {
            self.say([format!("  {} {line}", self.wording.style.faint("│"))]);
        } else {
            run.progress.set("output", format!("│ {line}"));
        }
    }
}

impl Reporter for TextReporter {
    fn report(&self, event: &Event) {
        let run = &mut *self.run.borrow_mut();
        let wording = &self.wording;
        match event {
            Event::RunStarted { kind, previous, .. } => {
                *run = Run { phases: run.phases, ..Run::default() };
                run.kind = Some(*kind);
                run.first = previous.is_none();
            }
            Event::Phase { number, of, phase } => self.phase(run, *number, *of, *phase),
            Event::Planned { plan } => self.say(changes::overview(wording, plan)),
            Event::StepStarted { index, step, undo } => self.step_started(run, *index, step, undo),
            Event::StepFinished { index } => {
                run.progress.remove(&row_key(*index));
                if let Some((step, _)) = run.steps.get(index) {
                    self.say(steps::done(wording, step));
                }
            }
            Event::StepFailed { failure, .. } => {
                run.progress.clear();
                self.failure(run, failure);
            }
            Event::UnwindStarted { failure } => self.unwinding(run, failure),
            Event::UndoFinished { index } => {
                if let Some((_, undo)) = run.steps.get(index) {
                    run.unwinding.get_or_insert_default().undone(undo.clone());
                }
            }
            Event::UndoFailed { index, error } => self.undo_failed(run, *index, error),
            Event::Committed { .. } => {}
            Event::Finished { outcome } => self.finished(run, *outcome),
            Event::Output { line, .. } => self.output(run, line),
            Event::Service { service, activity } => self.service(run, service, activity),
            Event::Note { note: Note::FileRestored { path } } if run.unwinding.is_some() => {
                run.unwinding.get_or_insert_default().file(path);
            }
            Event::Note { note } => self.say([notes::line(wording, note)]),
            Event::Verified { services } => {
                self.say(summary::verified(wording, services, self.began.elapsed()));
            }
        }
        if matches!(event, Event::StepFinished { .. } | Event::StepFailed { .. }) {
            run.progress.remove("output");
        }
        self.screen.progress(run.progress.rows());
    }
}

fn row_key(index: usize) -> String {
    format!("step {index}")
}
