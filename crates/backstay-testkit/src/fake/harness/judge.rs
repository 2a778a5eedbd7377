//! How a run may end, with a fault and after a recovery.

use std::time::Duration;

use backstay_core::event::Outcome;

use super::act::Act;
use super::journals::runs;
use super::picture::Picture;
use super::scenario::{Explored, PAUSE, Scenario};
use super::tidy::{clutter, leftovers, unfinished};
use crate::fake::{Ended, Machine, Process, kept};
use crate::tally::Case;

impl Scenario {
    /// Runs the operation with a fault. What it claims at its end has to be so.
    pub(super) fn strike(&self, machine: &Machine, process: &Process, explored: &Explored) -> Case {
        let ended = self.act.perform(process, &self.stack);
        let Ended::Done(Ok(reports)) = ended else { return Case::default() };
        let Some(report) = reports.last() else { return Case::default() };
        machine.pass(PAUSE);
        let claims = |wanted: &Picture| {
            let mut found = wanted.differences(&self.picture(machine), &explored.old_ids);
            let runs = runs(machine, &self.stack, explored.runs);
            // What is still to be cleared away after the commit is left to the next run.
            if report.outcome == Outcome::Deployed && !unfinished(&runs).is_empty() {
                let later = ["on record", "networks are"];
                found.retain(|d| {
                    !d.ends_with("is left over") && !later.iter().any(|start| d.starts_with(start))
                });
            }
            if report.outcome == Outcome::Deployed {
                // An image that could not be stored waits for the next run under its tag.
                found.retain(|d| !d.starts_with("tag backstay-keep/"));
            }
            found.into_iter().map(|d| format!("it says {:?}, but {d}", report.outcome)).collect()
        };
        let problems = match report.outcome {
            Outcome::Deployed => claims(&explored.new),
            Outcome::RolledBack => claims(&explored.old),
            Outcome::Stuck if report.way_out.is_empty() => {
                vec!["it is stuck without a way out".to_owned()]
            }
            Outcome::Stuck => Vec::new(),
        };
        Case { problems, was_stuck: report.outcome == Outcome::Stuck, ..Case::default() }
    }

    /// Starts anew, recovers, and compares, unless something is wrong already.
    pub(super) fn recover(&self, machine: &Machine, explored: &Explored, case: &mut Case) {
        if !case.problems.is_empty() {
            return;
        }
        machine.pass(PAUSE);
        // The process that was struck is over.
        machine.with(|world| world.engine.open_all());
        let start = machine.with(|world| world.now);
        let ended = Act::Recover.perform(&machine.process(), &self.stack);
        let Ended::Done(Ok(reports)) = ended else {
            case.problems.push(format!("recover ends with {ended:?}"));
            return;
        };
        if let Some(stuck) = reports.iter().find(|report| report.outcome == Outcome::Stuck) {
            case.problems.push(format!("recover is stuck: {:?}", stuck.way_out));
            return;
        }
        let ended = machine.with(|world| world.now);
        let served = self.until_served(machine, explored);
        if served > ended {
            let late = (served - ended).as_millis();
            case.problems.push(format!("recover ended {late} ms before all served again"));
            return;
        }
        case.took = served - start;
        machine.pass(PAUSE);
        (case.is_new, case.problems) = self.judge(machine, explored);
    }

    /// Waits until everything serves that served before the operation and does after it; and says when that was.
    fn until_served(&self, machine: &Machine, explored: &Explored) -> Duration {
        const MOMENT: Duration = Duration::from_millis(50);
        let is_served = || {
            let serving = machine.with(|world| world.engine.serving(&self.project));
            explored.lasting.iter().all(|name| serving.get(name).is_some_and(|count| *count > 0))
        };
        for _ in 0..PAUSE.as_millis() / MOMENT.as_millis() {
            if is_served() {
                break;
            }
            machine.pass(MOMENT);
        }
        machine.with(|world| world.now)
    }

    /// Does the operation again, without a word to `recover`: it has to end as it does without a fault.
    pub(super) fn go_on(&self, machine: &Machine, explored: &Explored) -> Vec<String> {
        machine.pass(PAUSE);
        let ended = self.act.perform(&machine.process(), &self.stack);
        let Ended::Done(Ok(reports)) = ended else {
            return vec![format!("the next run ends with {ended:?}")];
        };
        if reports.last().is_none_or(|report| report.outcome != self.expected) {
            return vec![format!("the next run ends with {reports:?}")];
        }
        machine.pass(PAUSE);
        let _ = Act::EndWarm.perform(&machine.process(), &self.stack);
        let is = self.picture(machine);
        let runs = runs(machine, &self.stack, explored.runs);
        let mut problems = explored.new.differences_in_kind(&is);
        problems.extend(unfinished(&runs));
        problems.extend(leftovers(machine, &self.stack, &self.project, &explored.old, &is));
        if self.expected == Outcome::Deployed {
            problems.extend(clutter(machine, &self.stack));
        }
        problems.into_iter().map(|problem| format!("after the next run {problem}")).collect()
    }

    /// Recovers once more, when nothing may change.
    pub(super) fn recover_again(&self, machine: &Machine) -> Vec<String> {
        let before = machine.snapshot();
        let again = Act::Recover.perform(&machine.process(), &self.stack);
        if !matches!(&again, Ended::Done(Ok(reports)) if reports.is_empty()) {
            return vec![format!("a second recover ends with {again:?}")];
        }
        let after = machine.snapshot();
        if after.engine != before.engine {
            return vec!["a second recover changes the engine".to_owned()];
        }
        let lock = kept(&self.stack).lock();
        let changed =
            after.disk.changed_paths(&before.disk).into_iter().filter(|path| *path != lock);
        changed.map(|path| format!("a second recover changes {}", path.display())).collect()
    }

    /// Whether the run without a fault itself ends as it should.
    pub(super) fn judge_without_a_fault(&self, explored: &Explored) -> Vec<String> {
        let machine = self.machine();
        let _ = self.act.perform(&machine.process(), &self.stack);
        machine.pass(PAUSE);
        // It waits for its time in a process of its own.
        let _ = Act::EndWarm.perform(&machine.process(), &self.stack);
        machine.pass(PAUSE);
        let (_, mut problems) = self.judge(&machine, explored);
        if self.expected == Outcome::RolledBack {
            problems.extend(explored.old.differences(&explored.new, &explored.old_ids));
        } else {
            problems.extend(self.unsound(&machine));
        }
        problems
    }

    /// Whether the stack is exactly the old release, or exactly the new one, whichever its journal says; and which.
    fn judge(&self, machine: &Machine, explored: &Explored) -> (bool, Vec<String>) {
        let (old, is) = (&explored.old, self.picture(machine));
        let runs = runs(machine, &self.stack, explored.runs);
        let committed =
            runs.iter().any(|(_, state)| state.as_ref().is_ok_and(|state| state.release.is_some()));
        let wanted = if committed { &explored.new } else { old };
        let mut problems = wanted.differences(&is, &explored.old_ids);
        problems.extend(unfinished(&runs));
        problems.extend(leftovers(machine, &self.stack, &self.project, old, &is));
        for (folder, release) in &wanted.backups {
            if is.backups.get(folder) != Some(release) {
                problems.push(format!("backup {folder} of {release} is not there"));
            }
        }
        for folder in is.backups.keys() {
            // Data that a release had begun to write does not come back by itself, and is kept.
            let data = kept(&self.stack).backup(folder).join("data.json");
            let has_data = machine.with(|world| world.disk.nodes.contains_key(&data));
            let is_known = old.backups.contains_key(folder) || wanted.backups.contains_key(folder);
            if !is_known && (committed || !has_data) {
                problems.push(format!("backup {folder} is left over"));
            }
        }
        if !committed {
            let left = is.anonymous.difference(&old.anonymous);
            problems.extend(left.map(|id| format!("anonymous volume {} is left over", &id[..12])));
        }
        let lock = kept(&self.stack).lock();
        if let Some(holder) = machine.lock_holder(&lock) {
            problems.push(format!("the lock is held by {holder}"));
        }
        (committed, problems)
    }
}
