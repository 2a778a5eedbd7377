//! Every call, every kind of fault.

use backstay_core::ports::Silent;

use super::act::Act;
use super::finding::Findings;
use super::scenario::Scenario;
use crate::fake::{Ended, Fault, Kind, Machine, Point};

impl Scenario {
    /// Lets each kind of fault strike at each call of the operation. Returns how many runs that were.
    pub fn strike_everywhere(&self, kinds: &[Kind], findings: &mut Findings) -> usize {
        let explored = self.explore();
        findings.add(&self.name, "no fault", self.judge_without_a_fault(&explored));
        let faults = faults(&explored.points, kinds);
        for fault in &faults {
            let machine = self.machine();
            let mut problems = self.strike(&machine, *fault, &explored);
            if problems.is_empty() {
                problems = self.recover(&machine, &explored);
            }
            if problems.is_empty() {
                problems = self.recover_again(&machine);
            }
            findings.add(&self.name, &describe(&explored.points, *fault), problems);
        }
        faults.len()
    }

    /// Kills the operation at its calls, and lets each kind of fault strike at each call of the recovery.
    ///
    /// # Panics
    /// When the operation survives its death.
    pub fn strike_twice(&self, kinds: &[Kind], findings: &mut Findings) -> usize {
        let explored = self.explore();
        let mut count = 0;
        for first in first_faults(&explored.points) {
            let machine = self.machine();
            let process = machine.process().with_fault(first);
            let ended = self.act.perform(&process, &self.stack, &Silent);
            assert!(matches!(ended, Ended::Crashed), "{} ends otherwise: {ended:?}", self.name);
            let crashed = machine.snapshot();
            let process = machine.process();
            let _ = Act::Recover.perform(&process, &self.stack, &Silent);
            let points = process.points();
            for second in faults(&points, kinds) {
                count += 1;
                let machine = Machine::from_world(crashed.clone());
                let process = machine.process().with_fault(second);
                let _ = Act::Recover.perform(&process, &self.stack, &Silent);
                let problems = self.recover(&machine, &explored);
                let words = || {
                    let first = describe(&explored.points, first);
                    format!("{first}, then {}", describe(&points, second))
                };
                if !problems.is_empty() {
                    findings.add(&self.name, &words(), problems);
                }
            }
        }
        count
    }
}

/// The faults of these kinds that can differ from each other in what they leave.
fn faults(points: &[Point], kinds: &[Kind]) -> Vec<Fault> {
    let pairs = points.iter().enumerate().flat_map(|(at, point)| {
        let kinds = kinds.iter().filter(move |kind| makes_a_difference(**kind, at, point));
        kinds.map(move |kind| Fault { at, kind: *kind })
    });
    pairs.collect()
}

fn makes_a_difference(kind: Kind, at: usize, point: &Point) -> bool {
    let engine = point.name.starts_with("engine.");
    match kind {
        Kind::CrashMidway | Kind::ErrorMidway => point.divisible,
        // After one call is before the next one.
        Kind::CrashBefore => at == 0,
        Kind::DiskFull => !engine,
        Kind::EngineGone | Kind::Interrupt => engine,
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

fn describe(points: &[Point], fault: Fault) -> String {
    let name = points.get(fault.at).map_or("?", |point| point.name.as_str());
    format!("{:?} at {} {name}", fault.kind, fault.at)
}
