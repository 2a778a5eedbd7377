//! The reporter for people: keeps what it needs of the run so far, and says one thing for one event.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use backstay_core::event::{
    Activity, Cause, Event, Failure, Note, Outcome, OutputSource, Phase, RunKind, Unwell,
};
use backstay_core::plan::Undo;
use backstay_core::plan::{Action, Plan, Step};
use backstay_core::ports::Reporter;

use super::blocks::Blocks;
use super::run::{Run, add};
use super::unwind::Unwinding;
use super::{
    Wording, build_error, failure, lists, notes, overview, phases, prepare, services, steps,
    summary, unwind,
};
use crate::i18n::t;
use crate::ui::{Parts, Screen, clean};

/// Tells a run to a person.
pub struct TextReporter {
    screen: Arc<dyn Screen>,
    wording: Wording,
    parts: Parts,
    began: Instant,
    run: Mutex<Run>,
}

impl TextReporter {
    /// Tells it on this screen in these words.
    #[must_use]
    pub fn new(screen: Arc<dyn Screen>, wording: Wording, parts: Parts) -> Self {
        Self { screen, wording, parts, began: Instant::now(), run: Mutex::default() }
    }

    fn say(&self, lines: impl IntoIterator<Item = String>) {
        lines.into_iter().for_each(|line| self.screen.line(&line));
    }

    fn failure(&self, run: &mut Run, failure: &Failure) {
        if std::mem::replace(&mut run.told, true) {
            return;
        }
        let lang = self.wording.lang;
        // With `--verbose` all of it has been on the screen.
        let output: Vec<String> =
            if self.wording.verbose { Vec::new() } else { run.output.iter().cloned().collect() };
        if run.is_update() {
            self.failure_of_update(run, failure);
        } else {
            let headline = failure::headline(lang, failure, &run.failed);
            self.say([self.wording.bad(&headline)]);
        }
        self.say(failure::details_of(&self.wording, failure, &output));
    }

    /// As in the guide, a build that fails is told inside of its service's block, and a start that fails below it.
    fn failure_of_update(&self, run: &mut Run, failure: &Failure) {
        let lang = self.wording.lang;
        let mut failed = run.failed.clone();
        let is_build = matches!(failure.cause, Cause::Build { .. });
        let service =
            if is_build { build_error::service(failure) } else { failure.service.clone() };
        service.iter().for_each(|service| add(&mut failed, service));
        self.say(run.blocks.lines_to(&self.wording, &failed));
        let known = is_build && service.is_some() || failure::is_about_services(&failure.cause);
        let mut text = if known {
            failure::of_update(lang, failure, &run.failed)
        } else {
            failure::headline(lang, failure, &run.failed)
        };
        if let (Cause::Build { message }, true) = (&failure.cause, known)
            && let Some(why) = build_error::essence(message)
        {
            text = format!("{text}: {why}");
        }
        let indent = if known && is_build { "  " } else { "" };
        self.say([format!("{indent}{}", self.wording.bad(&text))]);
    }

    fn service(&self, run: &mut Run, service: &str, activity: &Activity) {
        match activity {
            Activity::Failed => add(&mut run.failed, service),
            Activity::Restored => {
                run.unwinding.get_or_insert_default().restored(service);
            }
            Activity::Rehearsing | Activity::Waiting { .. }
                if run.unwinding.is_none() && !run.waiting && !run.is_update() =>
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
        if run.unwinding.is_none() {
            run.blocks.doing(service, activity);
            self.say(run.blocks.lines(&self.wording));
        }
        let is_one_of_many = |run: &Run| {
            let count = run.plan.as_ref().map_or(0, overview::count);
            !self.wording.verbose && lists::is_long(count)
        };
        if *activity == Activity::Live && run.is_told_as_a_whole() && is_one_of_many(run) {
            add(&mut run.live, service);
        } else {
            run.held.extend(services::line(&self.wording, service, activity));
        }
        if !run.blocks.is_open() {
            self.say(std::mem::take(&mut run.held));
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
            Some(unwinding) if kind == RunKind::Update => {
                let services: Vec<String> = run.blocks.services().map(str::to_owned).collect();
                self.say(unwinding.lines_of_update(&self.wording, &services));
            }
            Some(unwinding) => self.say(unwinding.lines(&self.wording, run.first)),
            None => self.say([String::new()]),
        }
        // That all is as before is said when it has been read back.
        run.unverified = outcome == Outcome::RolledBack;
        if !run.unverified {
            self.say(summary::banner(&self.wording, kind, outcome));
        }
    }

    /// What was read back: of the new release before the commit, of the old one after an undo.
    fn verified(&self, run: &mut Run, services: &BTreeMap<String, String>, unwell: &[Unwell]) {
        if std::mem::take(&mut run.unverified) {
            self.said_to_be(run, Outcome::RolledBack);
            self.say(summary::as_before(&self.wording, services, unwell));
            return;
        }
        // The guide's line for a rollback of the whole stack.
        if run.kind == Some(RunKind::Rollback) && run.parts == 4 && !services.is_empty() {
            self.say([self.wording.good(&t!(self.wording.lang, "services-started"))]);
        }
        let changed = |service: &str| {
            let change = run.plan.as_ref().and_then(|plan| plan.change(service));
            // Saving data has no plan, and changes nothing.
            run.kind != Some(RunKind::DataSave)
                && change.is_none_or(|change| change.action != Action::Keep)
        };
        let took = self.began.elapsed();
        self.say(summary::verified(&self.wording, services, unwell, changed, took));
    }

    fn said_to_be(&self, run: &Run, outcome: Outcome) {
        if let Some(kind) = run.kind {
            self.say(summary::banner(&self.wording, kind, outcome));
        }
    }

    fn outlook(&self, run: &mut Run, plan: &Plan) {
        if run.is_update() {
            run.blocks = Blocks::of(plan);
            self.say(run.blocks.lines(&self.wording));
        } else {
            self.say(overview::overview(&self.wording, plan));
        }
        run.outlook = Some(plan.clone());
    }

    fn planned(&self, run: &mut Run, plan: &Plan) {
        match &run.outlook {
            Some(_) if run.is_update() => {
                run.blocks.decided(plan);
                self.say(run.blocks.lines(&self.wording));
            }
            Some(outlook) => self.say(overview::decided(&self.wording, outlook, plan)),
            None => self.say(overview::overview(&self.wording, plan)),
        }
        run.plan = Some(plan.clone());
    }

    fn phase(&self, run: &mut Run, phase: Phase) {
        let Some((number, of)) = self.parts.place(phase) else { return };
        if run.files_checked {
            self.say([self.wording.good(&t!(self.wording.lang, "files-unchanged"))]);
        }
        // The guide sets the parts of a rollback apart, those of a deployment not.
        if run.phases > 0 && run.kind == Some(RunKind::Rollback) {
            self.say([String::new()]);
        }
        self.say(std::mem::take(&mut run.held));
        run.phases += 1;
        run.parts = of;
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
        run.held.clear();
        if let Some(unwinding) = &mut run.unwinding {
            unwinding.again();
        } else {
            self.unwinding_begins(run, failure);
            run.unwinding = Some(Unwinding::default());
        }
        run.progress.set("undo", t!(self.wording.lang, "undo-running"));
    }

    fn unwinding_begins(&self, run: &mut Run, failure: &Failure) {
        if let Some(kind) = run.kind {
            self.failure(run, failure);
            self.say([String::new()]);
            self.say(unwind::banner(&self.wording, kind, failure, &run.failed));
            self.say([String::new()]);
        } else {
            // Another process began this run; what it did is in its journal, not among these events.
            self.say([format!("  {}", t!(self.wording.lang, "undo-resumed"))]);
        }
    }

    fn undo_failed(&self, run: &mut Run, index: usize, error: &str) {
        if let Some((step, undo)) = run.steps.get(&index) {
            let (step, undo) = (step.clone(), undo.clone());
            run.unwinding.get_or_insert_default().failed(step, undo, error);
        } else {
            run.unwinding.get_or_insert_default().unknown(index, error);
        }
    }

    fn output(&self, run: &mut Run, from: OutputSource, line: &str) {
        let line = clean::lines(line).join(" ");
        if line.is_empty() {
            return;
        }
        // What a hook says is the user's own, and is nowhere else.
        if self.wording.verbose || from == OutputSource::RunHook {
            self.say([format!("  {} {line}", self.wording.style.faint("│"))]);
        } else {
            run.progress.set("output", format!("│ {line}"));
            run.heard(line);
        }
    }
}

impl Reporter for TextReporter {
    fn report(&self, event: &Event) {
        let run = &mut *self.run.lock().unwrap_or_else(PoisonError::into_inner);
        let wording = &self.wording;
        if let Event::Note { note: Note::DirectoryCreated { path } } = event {
            run.folders.push(wording.path(Path::new(path)));
            return;
        }
        self.say(prepare::folders(wording, &std::mem::take(&mut run.folders)));
        match event {
            Event::RunStarted { kind, previous, .. } => {
                *run = Run { phases: run.phases, parts: run.parts, ..Run::default() };
                run.kind = Some(*kind);
                run.first = previous.is_none();
            }
            Event::Resolved { previous, .. } => run.first = previous.is_none(),
            Event::Phase { phase } => self.phase(run, *phase),
            Event::Outlook { plan } => self.outlook(run, plan),
            Event::Planned { plan } => self.planned(run, plan),
            Event::StepStarted { index, step, undo } => self.step_started(run, *index, step, undo),
            Event::StepFinished { index } => {
                run.progress.remove(&row_key(*index));
                run.output.clear();
                self.say(services::live(wording, &std::mem::take(&mut run.live)));
                if let Some((step, _)) = run.steps.get(index) {
                    // The blocks of an update say the same.
                    let is_told =
                        run.is_update() && matches!(step, Step::Build { .. } | Step::Pull { .. });
                    self.say(steps::done(wording, step).filter(|_| !is_told));
                }
            }
            Event::StepFailed { failure, .. } => {
                self.say(services::live(wording, &std::mem::take(&mut run.live)));
                run.progress.clear();
                self.failure(run, failure);
            }
            Event::UnwindStarted { failure } => self.unwinding(run, failure),
            Event::UndoFinished { index } => {
                if let Some((_, undo)) = run.steps.get(index) {
                    run.unwinding.get_or_insert_default().undone(undo.clone());
                }
            }
            Event::UndoFailed { index, error, .. } => self.undo_failed(run, *index, error),
            Event::Committed { .. } => {}
            Event::Finished { outcome } => self.finished(run, *outcome),
            Event::Output { from, line } => self.output(run, *from, line),
            Event::Service { service, activity } => self.service(run, service, activity),
            Event::Note { note: Note::FileRestored { path } } if run.unwinding.is_some() => {
                run.unwinding.get_or_insert_default().file(path);
            }
            Event::Note { note: Note::FileRemoved { path } } if run.unwinding.is_some() => {
                run.unwinding.get_or_insert_default().removed(path);
            }
            Event::Note { note: note @ Note::NotAsBefore { .. } } => {
                run.unverified = false;
                self.said_to_be(run, Outcome::Stuck);
                self.say([notes::line(wording, note)]);
            }
            Event::Note { note } => self.say([notes::line(wording, note)]),
            Event::Verified { services, unwell } => self.verified(run, services, unwell),
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
