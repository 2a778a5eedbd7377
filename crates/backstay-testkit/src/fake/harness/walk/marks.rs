//! What hooks have left: marks of a run that was undone are gone, and those of one that was committed are there.

use backstay_core::plan::{HookPlace, Undo};
use backstay_core::run_state::{RunState, StepStatus};

use super::path::Walk;
use super::rich::is_mark;
use crate::fake::harness::journals::runs;

impl Walk {
    /// What is wrong with the marks on the host. Those in the data of containers are compared with it.
    pub(super) fn marks(&self) -> Vec<String> {
        let all = self.machine.with(|world| {
            let marks = world.disk.nodes.keys().filter(|path| is_mark(path));
            marks
                .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
                .collect::<Vec<_>>()
        });
        let mut found = Vec::new();
        for (run, state) in runs(&self.machine, &self.stack, 0) {
            let Ok(state) = state else { continue };
            if state.is_open() {
                continue;
            }
            let own = format!("@{run}.");
            let mine = all.iter().filter_map(|mark| mark.strip_suffix(&own));
            if state.release.is_none() {
                // Told what became of the run, and nothing takes it back.
                let left = mine.filter(|name| *name != "r1");
                found.extend(left.map(|name| format!("{name} of {run} has not been undone")));
            } else {
                let there: Vec<&str> = mine.collect();
                let missing = host_hooks(&state).filter(|name| !there.contains(&name.as_str()));
                found.extend(missing.map(|name| format!("{name} of {run} has not been run")));
            }
        }
        found
    }
}

/// The hooks that a run has taken on the host.
fn host_hooks(state: &RunState) -> impl Iterator<Item = &String> {
    state.steps.iter().filter_map(|record| match &record.undo {
        Undo::Hook { name, place: HookPlace::Host, .. }
            if record.status == StepStatus::Finished =>
        {
            Some(name)
        }
        _ => None,
    })
}
