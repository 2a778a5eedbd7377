//! A walk: its steps, one after the other, and what has to hold after each.

use std::collections::BTreeSet;

use backstay_core::event::Outcome;
use backstay_core::ops::RunReport;
use backstay_core::stack::StackRef;

use super::step::{Step, Trouble, What};
use super::stock::version;
use crate::fake::harness::journals::runs;
use crate::fake::harness::picture::Picture;
use crate::fake::harness::scenario::PAUSE;
use crate::fake::harness::tidy::unfinished;
use crate::fake::{Ended, Fault, Kind, Machine, World};
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
    pub(super) tally: Tally,
}

/// A run that was cut short.
pub(super) struct Open {
    /// The stack before it.
    pub(super) base: Picture,
    /// Whether somebody did something since, so that it is not known what it has to come to.
    pub(super) is_disturbed: bool,
}

/// How an operation ended.
pub(super) type End = Ended<Result<Vec<RunReport>, String>>;

pub(super) const PROJECT: &str = "shop";

impl Walk {
    pub(super) fn new() -> Self {
        let stack = version(0, 0, crate::fake::Behaviour::Healthy).reference();
        Self {
            machine: Machine::new(),
            stack,
            hurt: BTreeSet::new(),
            open: None,
            versions: 0,
            tally: Tally::default(),
        }
    }

    /// Takes a step. Returns what is wrong after it.
    pub(super) fn take(&mut self, step: Step) -> Vec<String> {
        match step {
            Step::Edit { shape, of_b } => {
                self.versions += 1;
                version(self.versions, shape, of_b).write(&self.machine);
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

    fn disturb(&mut self) {
        if let Some(open) = &mut self.open {
            open.is_disturbed = true;
        }
    }

    fn run(&mut self, what: What, trouble: Trouble) -> Vec<String> {
        let before = self.picture();
        let end = self.perform(what, trouble);
        self.machine.pass(PAUSE);
        let after = self.picture();
        let is_done = unfinished(&runs(&self.machine, &self.stack, 0)).is_empty();
        let problems = self.judge((what, trouble, is_done), &before, &after, &end);
        self.open = match (self.open.take(), is_done) {
            (_, true) => None,
            (None, false) => Some(Open { base: before, is_disturbed: false }),
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

    fn perform(&self, what: What, trouble: Trouble) -> End {
        let process = self.machine.process();
        let process = match trouble {
            Trouble::None => process,
            Trouble::Fault(fault) => process.with_fault(fault),
            Trouble::Power(at, _) => {
                self.machine.with(World::lay_platter);
                process.with_fault(Fault { at, kind: Kind::CrashBefore })
            }
        };
        let end = what.act().perform(&process, &self.stack);
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
        Picture::of(&self.machine, &self.stack, PROJECT)
    }
}
