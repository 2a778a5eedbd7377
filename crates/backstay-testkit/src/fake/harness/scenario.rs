//! A stack on a machine, and what is about to happen to it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use backstay_core::event::Outcome;
use backstay_core::ops::RunReport;
use backstay_core::ops::deploy::DeployOptions;
use backstay_core::stack::StackRef;

use super::act::Act;
use super::picture::Picture;
use crate::fake::{Ended, FakeStack, Machine, Point, World, kept};

/// Time in which containers come to rest.
pub(super) const PAUSE: Duration = Duration::from_secs(60);

/// A machine with a stack, and an operation to come.
#[derive(Debug, Clone)]
pub struct Scenario {
    pub(super) name: String,
    pub(super) project: String,
    pub(super) world: World,
    pub(super) stack: StackRef,
    pub(super) act: Act,
    pub(super) expected: Outcome,
}

/// What a run without a fault did.
#[derive(Debug)]
pub struct Explored {
    /// The calls that it made.
    pub points: Vec<Point>,
    /// The stack before.
    pub old: Picture,
    /// The stack after.
    pub new: Picture,
    /// The services that answered before, and for a moment or more did not.
    pub interrupted: BTreeSet<String>,
    /// The services that answered before and after.
    pub(super) lasting: BTreeSet<String>,
    /// The ids of the containers before.
    pub(super) old_ids: BTreeSet<String>,
    /// How many runs were on record before.
    pub(super) runs: usize,
}

impl Scenario {
    /// An empty machine; the operation is a deploy.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            project: "shop".to_owned(),
            world: World::default(),
            stack: StackRef::default(),
            act: Act::Deploy(DeployOptions::default()),
            expected: Outcome::Deployed,
        }
    }

    /// What stands on the disk next: the user's edit.
    #[must_use]
    pub fn edited(self, stack: &FakeStack) -> Self {
        let stack_ref = stack.reference();
        self.changed(|machine| stack.write(machine)).at(stack_ref)
    }

    /// A version that was deployed.
    ///
    /// # Panics
    /// When it could not be deployed.
    #[must_use]
    pub fn deployed(self, stack: &FakeStack) -> Self {
        let scenario = self.edited(stack);
        scenario.done(&Act::Deploy(quick()))
    }

    /// An operation that was done before.
    ///
    /// # Panics
    /// When it did not end well.
    #[must_use]
    pub fn done(self, act: &Act) -> Self {
        let stack = self.stack.clone();
        let name = self.name.clone();
        self.changed(|machine| {
            let ended = act.perform(&machine.process(), &stack);
            let Ended::Done(Ok(reports)) = ended else { panic!("{name}: preparing: {ended:?}") };
            assert!(deployed(&reports), "{name}: preparing: {reports:?}");
            // Runs that are over have no say any more, and reading what they did takes time.
            let journals = kept(&stack).journals();
            let warm = kept(&stack).warm();
            let stays = |path: &Path| path.parent() != Some(&journals) || path == warm;
            machine.with(|world| world.disk.nodes.retain(|path, _| stays(path)));
        })
    }

    /// Something that happened to the machine from outside.
    #[must_use]
    pub fn changed(self, change: impl FnOnce(&Machine)) -> Self {
        let machine = Machine::from_world(self.world);
        machine.pass(PAUSE);
        change(&machine);
        machine.pass(PAUSE);
        Self { world: machine.snapshot(), ..self }
    }

    /// The operation to come.
    #[must_use]
    pub fn act(self, act: Act) -> Self {
        Self { act, ..self }
    }

    /// How the operation ends without a fault, where that is not well.
    #[must_use]
    pub fn fails(self) -> Self {
        Self { expected: Outcome::RolledBack, ..self }
    }

    /// The machine, the stack and the operation.
    #[must_use]
    pub fn machine(&self) -> Machine {
        Machine::from_world(self.world.clone())
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How core addresses the stack.
    #[must_use]
    pub const fn reference(&self) -> &StackRef {
        &self.stack
    }

    /// Runs the operation without a fault.
    ///
    /// # Panics
    /// When it does not end as expected.
    #[must_use]
    pub fn explore(&self) -> Explored {
        let machine = self.machine();
        let served = machine.with(|world| world.engine.serving(&self.project));
        let answered: Vec<String> =
            served.iter().filter(|(_, count)| **count > 0).map(|(name, _)| name.clone()).collect();
        let interrupted = Arc::new(Mutex::new(BTreeSet::new()));
        let (project, gaps) = (self.project.clone(), Arc::clone(&interrupted));
        let process = machine.process().watching(move |world| {
            let now = world.engine.serving(&project);
            let answered = served.iter().filter(|(_, count)| **count > 0);
            let silent =
                answered.filter(|(name, _)| now.get(*name).is_none_or(|count| *count == 0));
            let mut gaps = gaps.lock().unwrap_or_else(PoisonError::into_inner);
            gaps.extend(silent.map(|(name, _)| name.clone()));
        });
        let ended = self.act.perform(&process, &self.stack);
        let Ended::Done(Ok(reports)) = ended else { panic!("{}: {ended:?}", self.name) };
        let outcome = reports.last().map(|report| report.outcome);
        assert_eq!(outcome, Some(self.expected), "{}: {reports:?}", self.name);
        machine.pass(PAUSE);
        let old = self.picture(&{
            let machine = self.machine();
            machine.pass(PAUSE);
            machine
        });
        let after = machine.with(|world| world.engine.serving(&self.project));
        let lasting = answered.into_iter().filter(|name| after.get(name).is_some_and(|n| *n > 0));
        let lasting = lasting.collect();
        let runs = super::journals::runs(&self.machine(), &self.stack, 0).len();
        let old_ids = old.ids();
        let interrupted = interrupted.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Explored {
            points: process.points(),
            old,
            new: self.picture(&machine),
            interrupted,
            lasting,
            old_ids,
            runs,
        }
    }

    pub(super) fn picture(&self, machine: &Machine) -> Picture {
        Picture::of(machine, &self.stack, &self.project)
    }

    fn at(self, stack: StackRef) -> Self {
        Self { stack, ..self }
    }
}

fn deployed(reports: &[RunReport]) -> bool {
    reports.last().is_some_and(|report| report.outcome == Outcome::Deployed)
}

/// A deploy that does not watch for long.
fn quick() -> DeployOptions {
    DeployOptions { monitor: Some(Duration::from_millis(200)), ..DeployOptions::default() }
}
