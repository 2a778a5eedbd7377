//! A walk: its steps, one after the other, and what has to hold after each.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use backstay_core::event::{Event, Note, Outcome};
use backstay_core::ops::RunReport;
use backstay_core::ports::{Clock, Reporter};
use backstay_core::stack::StackRef;
use backstay_core::warm::Warm;

use super::rich::{self, OVERRIDE, PROJECT, Sort, is_mark};
use super::step::{Step, Trouble, What};
use super::stock::version;
use crate::fake::harness::act::Act;
use crate::fake::harness::journals::runs;
use crate::fake::harness::picture::Picture;
use crate::fake::harness::scenario::PAUSE;
use crate::fake::harness::tidy::unfinished;
use crate::fake::{Ended, FakeStack, Fault, Kind, Machine, World, kept};
use crate::tally::{Case, Tally};

/// A walk on its way.
pub(super) struct Walk {
    pub(super) machine: Machine,
    pub(super) stack: StackRef,
    /// Backups that somebody deleted or damaged.
    pub(super) hurt: BTreeSet<String>,
    /// The stack before the run that was cut short, where there is one.
    pub(super) open: Option<Open>,
    versions: usize,
    /// What the stack has beside services.
    pub(super) sort: Sort,
    /// Whether the last operation, or the one that was cut short before it, said that data stays as a release has made it that was undone,
    /// or that there was none to save.
    pub(super) data_stays: bool,
    pub(super) tally: Tally,
}

/// A run that was cut short.
pub(super) struct Open {
    /// The stack before it.
    pub(super) base: Picture,
    /// Whether somebody did something since, so that it is not known what it has to come to.
    pub(super) is_disturbed: bool,
    /// The operation.
    pub(super) what: What,
}

/// How an operation ended.
pub(super) type End = Ended<Result<Vec<RunReport>, String>>;

impl Walk {
    pub(super) fn new() -> Self {
        let stack = version(0, 0, crate::fake::Behaviour::Healthy).reference();
        Self {
            machine: Machine::new(),
            stack,
            hurt: BTreeSet::new(),
            open: None,
            versions: 0,
            sort: Sort::default(),
            data_stays: false,
            tally: Tally::default(),
        }
    }

    /// Takes a step. Returns what is wrong after it.
    pub(super) fn take(&mut self, step: Step) -> Vec<String> {
        match step {
            Step::Edit { sort, shape, twist, of_b } => {
                self.versions += 1;
                self.sort = sort;
                let version = match sort.is_plain() {
                    true => version(self.versions, shape, of_b),
                    false => rich::version(sort, self.versions, (shape, twist), of_b),
                };
                self.edit(&version);
                self.disturb();
                Vec::new()
            }
            Step::Drift(drift) => {
                self.hurt.extend(self.machine.with(|world| drift.happen(world, &self.stack)));
                self.machine.pass(PAUSE);
                self.disturb();
                Vec::new()
            }
            Step::Run { what, trouble } => self.run(what, trouble),
        }
    }

    /// Somebody writes their files. What the gateway and hooks have put beside them stays.
    fn edit(&self, version: &FakeStack) {
        let kept = self.machine.with(|world| {
            let nodes = world.disk.nodes.iter();
            let kept = nodes.filter(|(path, _)| path.ends_with(OVERRIDE) || is_mark(path));
            kept.map(|(path, node)| (path.clone(), node.clone())).collect::<Vec<_>>()
        });
        let kept = kept.into_iter().filter(|(path, _)| path.starts_with(&self.stack.directory));
        version.write(&self.machine);
        self.machine.with(|world| world.disk.nodes.extend(kept));
    }

    /// The stack with the files that are found by their names now.
    pub(super) fn stack(&self) -> StackRef {
        let mut stack = self.stack.clone();
        let beside = stack.directory.join(OVERRIDE);
        if self.machine.with(|world| world.disk.nodes.contains_key(&beside)) {
            stack.files.push(beside);
        }
        stack
    }

    fn disturb(&mut self) {
        if let Some(open) = &mut self.open {
            open.is_disturbed = true;
        }
    }

    fn run(&mut self, what: What, trouble: Trouble) -> Vec<String> {
        let before = self.picture();
        let brings_back = matches!(what, What::RollbackData | What::RestoreData(_));
        let saved = if brings_back { self.saved() } else { Vec::new() };
        let end = self.perform(what, trouble);
        self.machine.pass(PAUSE);
        let is_done = unfinished(&runs(&self.machine, &self.stack, 0)).is_empty();
        if is_done && self.sort.gateway {
            self.end_warm();
        }
        let after = self.picture();
        let mut problems = self.judge((what, trouble, is_done), &before, &after, &end);
        if self.sort.data {
            problems.extend(self.judge_data((what, is_done), &before, &after, &end, &saved));
        }
        self.machine.with(|world| world.engine.open_all());
        self.open = match (self.open.take(), is_done) {
            (_, true) => None,
            (None, false) => Some(Open { base: before, is_disturbed: false, what }),
            // Another operation may have finished the first run and left one of its own.
            (Some(open), false) => {
                let is_disturbed = open.is_disturbed || what != What::Recover;
                Some(Open { is_disturbed, ..open })
            }
        };
        let reports = match &end {
            Ended::Done(Ok(reports)) => reports.as_slice(),
            _ => &[],
        };
        let outcome = reports.last().map(|report| report.outcome);
        let case = Case {
            problems: problems.clone(),
            is_new: outcome == Some(Outcome::Deployed),
            was_stuck: outcome == Some(Outcome::Stuck),
            ..Case::default()
        };
        // What was cut short counts when it is recovered.
        if is_done || case.was_stuck || !problems.is_empty() {
            self.tally.count("random walk", &case);
        }
        problems
    }

    /// A process that the last run has left behind ends those whose time is over.
    fn end_warm(&self) {
        let (process, layout) = (self.machine.process(), kept(&self.stack));
        let until = Warm::read(&layout, &process.store()).and_then(|warm| warm.until());
        if until.is_some_and(|until| until <= process.clock().now().timestamp()) {
            let _ = Act::EndWarm.perform(&process, &self.stack());
        }
    }

    fn perform(&mut self, what: What, trouble: Trouble) -> End {
        let process = self.machine.process();
        let process = match trouble {
            Trouble::None => process,
            Trouble::Fault(fault) => process.with_fault(fault),
            Trouble::Power(at, _) => {
                self.machine.with(World::lay_platter);
                process.with_fault(Fault { at, kind: Kind::CrashBefore })
            }
        };
        let ear = Arc::new(Ear::default());
        let end = what.act().perform_before(&process, &self.stack(), ear.clone());
        self.data_stays &= self.open.is_some();
        self.data_stays |= ear.0.load(Ordering::Relaxed);
        if let (Trouble::Power(_, kept), Ended::Crashed) = (trouble, &end) {
            self.machine.with(|world| world.lose_power(kept));
        }
        self.machine.with(|world| world.platter = None);
        match end {
            Ended::Crashed => Ended::Crashed,
            Ended::Done(result) => Ended::Done(result.map_err(|error| error.to_string())),
        }
    }

    pub(super) fn picture(&self) -> Picture {
        let mut picture = Picture::of(&self.machine, &self.stack, PROJECT);
        // They are judged by what their runs came to.
        picture.files.retain(|path, _| !is_mark(path));
        picture
    }
}

/// Hears that data stays as it is, or can't be saved because nothing is there that has it.
#[derive(Default)]
struct Ear(AtomicBool);

impl Reporter for Ear {
    fn report(&self, event: &Event) {
        let Event::Note { note } = event else { return };
        if matches!(note, Note::DataStays { .. } | Note::DataAbsent { .. } | Note::FirstDeployment)
        {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}
