//! Every call, every kind of fault.

use std::collections::BTreeMap;

use backstay_core::plan::Undo;

use super::act::Act;
use super::finding::Findings;
use super::journals::runs;
use super::scenario::Scenario;
use crate::fake::{Ended, Fault, Kind, Machine, Point, World};
use crate::tally::Case;

impl Scenario {
    /// Lets each kind of fault strike at each call of the operation, or one in `sample` of them. Returns how many runs that were.
    pub fn strike_everywhere(
        &self,
        sample: usize,
        kinds: &[Kind],
        findings: &mut Findings,
    ) -> usize {
        let explored = self.explore();
        findings.add(&self.name, "no fault", self.judge_without_a_fault(&explored));
        let faults = self.some_of(sample, faults(&explored.points, kinds));
        for fault in &faults {
            let machine = self.machine();
            let process = machine.process().with_fault(*fault);
            let mut case = self.strike(&machine, &process, &explored);
            self.recover(&machine, &explored, &mut case);
            if case.problems.is_empty() {
                case.problems = self.recover_again(&machine);
            }
            let words = describe(&explored.points, *fault);
            findings.close(kind_of(fault.kind), 1, &self.name, &words, case);
        }
        faults.len()
    }

    /// Lets some of the calls fail that only read: of each name the first ones and the last one, or one in `sample` of these.
    pub fn strike_reads(&self, sample: usize, findings: &mut Findings) -> usize {
        let explored = self.explore();
        let process = self.machine().process().counting_reads();
        let _ = self.act.perform(&process, &self.stack);
        let points = process.points();
        let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, point) in points.iter().enumerate().filter(|(_, point)| point.reads) {
            places.entry(&point.name).or_default().push(at);
        }
        let mut chosen: Vec<usize> =
            places.values().flat_map(|all| all.iter().take(3).chain(all.last()).copied()).collect();
        chosen.sort_unstable();
        chosen.dedup();
        let chosen = self.some_of(sample, chosen);
        for at in &chosen {
            let fault = Fault { at: *at, kind: Kind::ErrorBefore };
            let machine = self.machine();
            let process = machine.process().counting_reads().with_fault(fault);
            let mut case = self.strike(&machine, &process, &explored);
            self.recover(&machine, &explored, &mut case);
            if points[*at].name.ends_with("/data.json") {
                // A backup of which nobody can say for a moment whether data lies in it stays.
                let stays = |p: &String| p.starts_with("backup ") && p.ends_with("is left over");
                case.problems.retain(|problem| !stays(problem));
            }
            findings.close("a read fails", 1, &self.name, &describe(&points, fault), case);
        }
        chosen.len()
    }

    /// Lets somebody do this to the machine after each call of the operation, or one in `sample` of them, and `undo` it before the
    /// recovery.
    pub fn meddle_everywhere(
        &self,
        sample: usize,
        event: fn(&mut World),
        undo: fn(&mut World),
        findings: &mut Findings,
    ) -> usize {
        let explored = self.explore();
        let chosen = self.some_of(sample, (0..explored.points.len()).collect());
        for &at in &chosen {
            let machine = self.machine();
            let process = machine.process().with_event(at, event);
            let _ = self.act.perform(&process, &self.stack);
            machine.with(undo);
            let mut case = Case::default();
            self.recover(&machine, &explored, &mut case);
            let words = format!("somebody meddles after {at} {}", explored.points[at].name);
            findings.close("somebody meddles", 1, &self.name, &words, case);
        }
        chosen.len()
    }

    /// Kills the operation at each of its calls, or one in `sample` of them, and the engine with it, which then starts nothing again.
    pub fn kill_with_the_engine(&self, sample: usize, findings: &mut Findings) -> usize {
        let explored = self.explore();
        let faults = faults(&explored.points, &[Kind::CrashBefore, Kind::CrashAfter]);
        let faults = self.some_of(sample, faults);
        let mut count = 0;
        for fault in &faults {
            let machine = self.machine();
            let process = machine.process().with_fault(*fault);
            let _ = self.act.perform(&process, &self.stack);
            if !self.has_taken_note(&machine) {
                continue;
            }
            machine.with(World::kill_engine);
            count += 1;
            let mut case = Case::default();
            self.recover(&machine, &explored, &mut case);
            let words = describe(&explored.points, *fault);
            findings.close("killed with the engine", 1, &self.name, &words, case);
        }
        count
    }

    /// Kills the engine at each of the operation's calls that asks it to change something, or one in `sample` of them. The operation goes
    /// on; what it asked for comes back as an error.
    pub fn kill_the_engine(&self, sample: usize, findings: &mut Findings) -> usize {
        let explored = self.explore();
        let engine = |point: &Point| point.name.starts_with("engine.");
        let mut points = explored.points.iter().enumerate().filter(|(_, point)| engine(point));
        let mut count = 0;
        // With the first call nothing is on record, and with the last one all is over.
        let ends = points.next().into_iter().chain(points.next_back());
        for (at, _) in ends.chain(self.some_of(sample, points.collect())) {
            let machine = self.machine();
            let fault = Fault { at, kind: Kind::EngineCut };
            let kill = |world: &mut World| drop(world.kill_engine());
            let process = machine.process().with_fault(fault).with_event(at, kill);
            let mut case = self.strike(&machine, &process, &explored);
            count += 1;
            self.recover(&machine, &explored, &mut case);
            let words = describe(&explored.points, fault);
            findings.close("the engine killed", 1, &self.name, &words, case);
        }
        count
    }

    /// Whether an open run knows what ran before it, or has made all that is to run.
    fn has_taken_note(&self, machine: &Machine) -> bool {
        runs(machine, &self.stack, 0).iter().filter_map(|(_, state)| state.as_ref().ok()).any(
            |state| {
                let noted = |undo: &Undo| matches!(undo, Undo::KeepUp { .. });
                let noted = state.steps.iter().any(|record| noted(&record.undo));
                state.is_open() && (noted || state.release.is_some())
            },
        )
    }

    /// Kills the operation at one in `sample` of its telling calls, and does it again as if nothing had happened.
    pub fn strike_and_go_on(&self, sample: usize, findings: &mut Findings) -> usize {
        let explored = self.explore();
        let mut count = 0;
        for fault in self.some_of(sample, first_faults(&explored.points)) {
            count += 1;
            let machine = self.machine();
            let process = machine.process().with_fault(fault);
            let _ = self.act.perform(&process, &self.stack);
            let words = format!("{}, then again", describe(&explored.points, fault));
            let problems = self.go_on(&machine, &explored);
            let case = Case { problems, is_new: true, ..Case::default() };
            findings.close("killed, then the same again", 1, &self.name, &words, case);
        }
        count
    }

    /// Kills the operation at one in `sample` of its telling calls, and lets each kind of fault strike at each call of the
    /// recovery.
    ///
    /// # Panics
    /// When the operation survives its death.
    pub fn strike_twice(&self, sample: usize, kinds: &[Kind], findings: &mut Findings) -> usize {
        let explored = self.explore();
        let mut count = 0;
        for first in self.some_of(sample, first_faults(&explored.points)) {
            let machine = self.machine();
            let process = machine.process().with_fault(first);
            let ended = self.act.perform(&process, &self.stack);
            assert!(matches!(ended, Ended::Crashed), "{} ends otherwise: {ended:?}", self.name);
            let crashed = machine.snapshot();
            let process = machine.process();
            let _ = Act::Recover.perform(&process, &self.stack);
            let points = process.points();
            for second in faults(&points, kinds) {
                count += 1;
                let machine = Machine::from_world(crashed.clone());
                let process = machine.process().with_fault(second);
                let _ = Act::Recover.perform(&process, &self.stack);
                let mut case = Case::default();
                self.recover(&machine, &explored, &mut case);
                let first = describe(&explored.points, first);
                let words = format!("{first}, then {}", describe(&points, second));
                findings.close("a second fault while recovering", 1, &self.name, &words, case);
            }
        }
        count
    }

    /// One in `sample` of these: others for each scenario, and the first where there are fewer.
    pub(super) fn some_of<T>(&self, sample: usize, all: Vec<T>) -> Vec<T> {
        let offset = if sample < all.len() { self.name.len() % sample } else { 0 };
        all.into_iter().skip(offset).step_by(sample).collect()
    }
}

/// The faults of these kinds that can differ from each other in what they leave.
pub(super) fn faults(points: &[Point], kinds: &[Kind]) -> Vec<Fault> {
    let pairs = points.iter().enumerate().flat_map(|(at, point)| {
        let kinds = kinds.iter().filter(move |kind| makes_a_difference(**kind, at, point));
        kinds.map(move |kind| Fault { at, kind: *kind })
    });
    pairs.collect()
}

/// The row of the table that a fault counts for.
const fn kind_of(kind: Kind) -> &'static str {
    match kind {
        Kind::ErrorBefore | Kind::ErrorAfter | Kind::ErrorMidway => "a call fails",
        Kind::CrashBefore | Kind::CrashAfter | Kind::CrashMidway => "killed",
        Kind::DiskFull => "disk full",
        Kind::DiskDies => "disk dies",
        Kind::EngineGone | Kind::EngineCut => "engine gone",
        Kind::Interrupt => "interrupted",
    }
}

fn makes_a_difference(kind: Kind, at: usize, point: &Point) -> bool {
    let engine = point.name.starts_with("engine.");
    match kind {
        Kind::CrashMidway | Kind::ErrorMidway => point.divisible,
        // After one call is before the next one.
        Kind::CrashBefore => at == 0,
        Kind::DiskFull | Kind::DiskDies => !engine,
        Kind::EngineGone | Kind::EngineCut | Kind::Interrupt => engine,
        Kind::ErrorBefore | Kind::ErrorAfter | Kind::CrashAfter => true,
    }
}

/// Where the first of two faults strikes: at every call that changes what is to be undone, and at some of the many that
/// only write into the run's own folders.
fn first_faults(points: &[Point]) -> Vec<Fault> {
    const TELLING: [&str; 4] = ["engine.", "store.append", "store.rename", "store.remove"];
    let mut others = 0;
    let mut telling = |fault: &Fault| {
        let name = &points[fault.at].name;
        let tells =
            TELLING.iter().any(|start| name.starts_with(start)) && !name.contains("/vault/");
        others += usize::from(!tells);
        tells || others % 5 == 0
    };
    let all = faults(points, &[Kind::CrashAfter, Kind::CrashMidway]);
    all.into_iter().filter(|fault| telling(fault)).collect()
}

pub(super) fn describe(points: &[Point], fault: Fault) -> String {
    let name = points.get(fault.at).map_or("?", |point| point.name.as_str());
    format!("{:?} at {} {name}", fault.kind, fault.at)
}
