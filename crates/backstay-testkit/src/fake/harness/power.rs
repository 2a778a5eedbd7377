//! Power that goes at every operation of the disk and every call of the engine.

use super::act::Act;
use super::finding::Findings;
use super::matrix::describe;
use super::scenario::PAUSE;
use super::scenario::{Explored, Scenario};
use super::tidy::leftovers;
use crate::fake::{Ended, Fault, Kept, Kind, Machine, Point, World};
use crate::tally::Case;

impl Scenario {
    /// Lets the power go at one in `once` calls, with everything that a disk may have kept by then; and again at as many calls of
    /// one in `twice` of the recoveries. Returns how many cases that were.
    pub fn lose_power(&self, once: usize, twice: usize, findings: &mut Findings) -> usize {
        let explored = self.explore();
        let (points, crashes) = self.power_losses(&self.on_platter(), &self.act, once);
        for crash in &crashes {
            self.end_of(crash, &explored, &points, "power lost", findings);
        }
        for crash in self.some_of(twice, crashes.iter().collect()) {
            let (inner, crashes) = self.power_losses(&crash.world, &Act::Recover, once);
            for again in &crashes {
                self.end_of(again, &explored, &inner, "power lost while recovering", findings);
            }
        }
        findings.cases()
    }

    /// Lets the power go at each call of an operation that only looks after what is kept: the stack stays as it is, every
    /// backup is whole or gone, and a second attempt ends as an undisturbed one does.
    pub fn lose_power_in_upkeep(&self, findings: &mut Findings) -> usize {
        let machine = self.machine();
        machine.pass(PAUSE);
        let old = self.picture(&machine);
        let _ = self.act.perform(&machine.process(), &self.stack);
        let new = self.picture(&machine);
        assert_ne!(old.backups, new.backups, "{} changes nothing", self.name);
        let (points, losses) = self.power_losses(&self.on_platter(), &self.act, 1);
        for loss in &losses {
            let machine = Machine::from_world(loss.world.clone());
            let ended = Act::Recover.perform(&machine.process(), &self.stack);
            machine.pass(PAUSE);
            let is = self.picture(&machine);
            let mut problems = old.differences(&is, &old.ids());
            if !matches!(ended, Ended::Done(Ok(_))) {
                problems.push(format!("recover ends with {ended:?}"));
            }
            problems.extend(self.unusable(&machine));
            problems.extend(leftovers(&machine, &self.stack, &self.project, &old, &is));
            let changed =
                is.backups.iter().filter(|(folder, id)| old.backups.get(*folder) != Some(id));
            problems.extend(changed.map(|(folder, id)| format!("backup {folder} is {id}")));
            let kept = new.backups.keys().filter(|folder| !is.backups.contains_key(*folder));
            problems.extend(kept.map(|folder| format!("backup {folder} is gone")));
            let is_new = is.backups == new.backups;
            let _ = self.act.perform(&machine.process(), &self.stack);
            if self.picture(&machine).backups != new.backups {
                problems.push("a second attempt ends otherwise".to_owned());
            }
            problems.extend(self.unusable(&machine));
            let case = Case { problems, is_new, ..Case::default() };
            self.close(loss, &points, "power lost", case, findings);
        }
        findings.cases()
    }

    /// Kills the operation after its last call of this name, and lets the power go at each call of the recovery.
    pub fn lose_power_in_recovery(&self, prefix: &str, findings: &mut Findings) {
        let explored = self.explore();
        let world = self.on_platter();
        let machine = Machine::from_world(world.clone());
        let process = machine.process();
        let _ = self.act.perform(&process, &self.stack);
        let points = process.points();
        let at = points.iter().rposition(|point| point.name.starts_with(prefix));
        let Some(at) = at else { panic!("{}: no call {prefix}", self.name) };
        let machine = Machine::from_world(world);
        let process = machine.process().with_fault(Fault { at, kind: Kind::CrashAfter });
        let _ = self.act.perform(&process, &self.stack);
        let (points, losses) = self.power_losses(&machine.snapshot(), &Act::Recover, 1);
        for loss in &losses {
            self.end_of(loss, &explored, &points, "power lost while recovering", findings);
        }
    }

    /// The world of the scenario, with account of what is durable.
    fn on_platter(&self) -> World {
        let mut world = self.machine().snapshot();
        world.lay_platter();
        world
    }

    /// What is left when the power goes at one in so many calls of an operation. What is the same after two calls is there once.
    fn power_losses(&self, world: &World, act: &Act, one_in: usize) -> (Vec<Point>, Vec<Loss>) {
        let machine = Machine::from_world(world.clone());
        let process = machine.process();
        let _ = act.perform(&process, &self.stack);
        let points = process.points();
        let mut losses: Vec<Loss> = Vec::new();
        for at in self.some_of(one_in, (0..points.len()).collect()) {
            let machine = Machine::from_world(world.clone());
            let process = machine.process().with_fault(Fault { at, kind: Kind::CrashBefore });
            let ended = act.perform(&process, &self.stack);
            assert!(matches!(ended, Ended::Crashed), "{}: {ended:?}", self.name);
            let crashed = machine.snapshot();
            let mut here: Vec<Loss> = Vec::new();
            for kept in Kept::ALL {
                let mut world = crashed.clone();
                world.lose_power(kept);
                let same = |loss: &&mut Loss| loss.world == world;
                if let Some(same) =
                    here.iter_mut().chain(losses.iter_mut().rev().take(6)).find(same)
                {
                    same.times += 1;
                } else {
                    here.push(Loss { at, kept, world, times: 1 });
                }
            }
            losses.extend(here);
        }
        (points, losses)
    }

    fn end_of(
        &self,
        loss: &Loss,
        explored: &Explored,
        points: &[Point],
        kind: &str,
        findings: &mut Findings,
    ) {
        let machine = Machine::from_world(loss.world.clone());
        let mut case = Case::default();
        self.recover(&machine, explored, &mut case);
        if case.problems.is_empty() {
            case.problems = self.unusable(&machine);
        }
        self.close(loss, points, kind, case, findings);
    }

    fn close(
        &self,
        loss: &Loss,
        points: &[Point],
        kind: &str,
        case: Case,
        findings: &mut Findings,
    ) {
        let fault = Fault { at: loss.at, kind: Kind::CrashBefore };
        let words = format!("power lost, {:?} kept: {}", loss.kept, describe(points, fault));
        findings.close(kind, loss.times, &self.name, &words, case);
    }
}

/// What is left after a loss of power.
struct Loss {
    at: usize,
    kept: Kept,
    world: World,
    /// How many cases come to the same.
    times: usize,
}
