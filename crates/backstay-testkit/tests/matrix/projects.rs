//! Two projects of one folder: each has its own history, whatever the order of what is done to them.

use std::collections::BTreeMap;

use backstay_core::event::Outcome;
use backstay_core::stack::StackRef;
use backstay_testkit::fake::{Ended, Machine};

use super::stacks::{deploy, good, one_in, rollback};

/// Random orders of this many operations each.
const ORDERS: usize = 50;
const OPERATIONS: usize = 7;

/// A small generator of numbers: the orders are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// The ids of a project's containers with the version that `web` is of.
fn running(machine: &Machine, project: &str) -> (Vec<String>, Vec<String>) {
    machine.with(|world| {
        let engine = &world.engine;
        let own = engine.containers.values().filter(|c| c.project.as_deref() == Some(project));
        let own: Vec<_> = own.collect();
        let web = own.iter().filter(|container| container.service == "web");
        let version = |image: &String| engine.images[image].content.version.clone();
        let ids = own.iter().map(|container| container.id.clone()).collect();
        (ids, web.map(|container| version(&container.image)).collect())
    })
}

#[test]
fn each_ends_with_its_own_release_in_any_order() {
    for seed in 1..=(ORDERS / one_in(4)) as u64 {
        let (mut dice, machine) = (Dice(seed * 0x9E37_79B9), Machine::new());
        let mut history: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let mut done = Vec::new();
        for at in 0..OPERATIONS {
            let (one, other) =
                if dice.below(2) == 0 { ("prod", "staging") } else { ("staging", "prod") };
            let kept = history.entry(one).or_default();
            let goes_back = kept.len() > 1 && dice.below(3) == 0;
            let stack = good(&at.to_string(), &[]);
            stack.write(&machine);
            let reference = StackRef { project_name: Some(one.to_owned()), ..stack.reference() };
            let before = running(&machine, other);
            let act = if goes_back { rollback() } else { deploy() };
            match goes_back {
                true => drop(kept.pop()),
                false => kept.push(at.to_string()),
            }
            done.push(format!("{one} {}", if goes_back { "back" } else { "deploy" }));
            let ended = act.perform(&machine.process(), &reference);
            let Ended::Done(Ok(reports)) = ended else { panic!("{seed} {done:?}: {ended:?}") };
            let outcome = reports.last().map(|report| report.outcome);
            assert_eq!(outcome, Some(Outcome::Deployed), "{seed} {done:?}");
            assert_eq!(running(&machine, other), before, "{seed} {done:?}");
            let version = history[one].last().cloned();
            assert_eq!(running(&machine, one).1, Vec::from_iter(version), "{seed} {done:?}");
        }
    }
}
