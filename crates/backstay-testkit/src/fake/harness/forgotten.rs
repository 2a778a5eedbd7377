//! A run is killed and all that is known of it goes with the state: the engine alone has to be enough.

use std::collections::BTreeSet;

use super::act::Act;
use super::finding::Findings;
use super::matrix::{describe, faults};
use super::scenario::PAUSE;
use super::scenario::{Explored, Scenario};
use super::tidy::leftovers;
use crate::fake::{Ended, Kind, Machine, state};
use crate::tally::Case;

impl Scenario {
    /// Kills the operation at each of its calls, deletes the state, and recovers: one release serves, and nothing is left.
    pub fn kill_and_forget(&self, findings: &mut Findings) -> usize {
        let explored = self.explore();
        let all = faults(&explored.points, &[Kind::CrashBefore, Kind::CrashAfter]);
        for fault in &all {
            let machine = self.machine();
            let process = machine.process().with_fault(*fault);
            let _ = self.act.perform(&process, &self.stack);
            machine.with(|world| {
                world.disk.nodes.retain(|path, _| !path.starts_with(state().root()));
            });
            machine.pass(PAUSE);
            let ended = Act::Recover.perform(&machine.process(), &self.stack);
            let problems = match ended {
                Ended::Done(Ok(_)) => self.found(&machine, &explored),
                other => vec![format!("recover ends with {other:?}")],
            };
            let words = format!("{}, and the state is gone", describe(&explored.points, *fault));
            let case = Case { problems, ..Case::default() };
            findings.close("killed, and the state is gone", 1, &self.name, &words, case);
        }
        all.len()
    }

    /// What keeps it from being one of the two releases.
    fn found(&self, machine: &Machine, explored: &Explored) -> Vec<String> {
        machine.pass(PAUSE);
        let is = self.picture(machine);
        let of_records = ["on record", "networks are", "folders are", "file "];
        let compare = |wanted: &super::Picture| -> Vec<String> {
            let ids: BTreeSet<String> = explored.old_ids.clone();
            let found = wanted.differences(&is, &ids).into_iter();
            found.filter(|d| !of_records.iter().any(|start| d.starts_with(start))).collect()
        };
        let (old, new) = (compare(&explored.old), compare(&explored.new));
        let mut problems = match old.is_empty() || new.is_empty() {
            true => Vec::new(),
            false => old.into_iter().map(|d| format!("not the old release: {d}")).collect(),
        };
        let left = leftovers(machine, &self.stack, &self.project, &explored.old, &is);
        // The templates of the files went with the state.
        problems.extend(left.into_iter().filter(|d| d.starts_with("container")));
        problems
    }
}
