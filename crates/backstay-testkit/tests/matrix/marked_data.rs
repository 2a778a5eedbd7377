//! A hook that changes data before it is saved, where that data comes back with a release that fails.

use backstay_core::event::Outcome;
use backstay_testkit::fake::harness::{Act, Scenario};
use backstay_testkit::fake::{Behaviour, Ended, FakeStack, Fault, Kind, Machine, Process};

use super::data::{compose, rows, shop};
use super::stacks::{deploy, explore_and_repeat};

/// `db` has a hook beside its data.
fn stack(version: &str, behaviour: Behaviour) -> FakeStack {
    let (dump, copy) = ("{dump: mysql, on_failure: restore}", "{copy: stop, on_failure: restore}");
    let hooks = "{before_deploy: {run: [mark, b], undo: [unmark, b], service: db}}";
    let text = format!("{}x-backstay: {{hooks: {hooks}}}\n", compose(dump, copy));
    shop(version, dump, copy).compose(&text).context("web", version, behaviour)
}

fn scenario() -> Scenario {
    let scenario =
        Scenario::new("a hook before the save").deployed(&stack("1", Behaviour::Healthy));
    scenario.edited(&stack("2", Behaviour::NeverHealthy)).act(deploy()).fails()
}

fn outcome(act: &Act, process: &Process, scenario: &Scenario) -> Outcome {
    let Ended::Done(Ok(reports)) = act.perform(process, scenario.reference()) else { panic!() };
    reports.last().unwrap().outcome
}

#[test]
fn it_is_taken_back_when_the_data_is_back() {
    let scenario = scenario();
    let data = |machine: &Machine| ["shop_rows", "shop_files"].map(|name| rows(machine, name));
    let before = data(&scenario.machine());
    let process = scenario.machine().process();
    assert_eq!(outcome(&deploy(), &process, &scenario), Outcome::RolledBack);
    let calls: Vec<String> = process.points().into_iter().map(|point| point.name).collect();
    let back = calls.iter().position(|call| call.starts_with("engine.write_to")).unwrap();
    let unmarked = calls.iter().position(|call| call.ends_with("unmark b")).unwrap();
    assert!(back < unmarked, "{calls:#?}");
    for (at, call) in calls.iter().enumerate().take(unmarked + 1).skip(back) {
        let machine = scenario.machine();
        let process = machine.process().with_fault(Fault { at, kind: Kind::ErrorBefore });
        let first = outcome(&deploy(), &process, &scenario);
        let then = match first {
            Outcome::Stuck => outcome(&Act::Recover, &machine.process(), &scenario),
            first => first,
        };
        assert_eq!(then, Outcome::RolledBack, "{at}: {call}");
        assert_eq!(data(&machine), before, "{at}: {call}, {first:?}");
    }
}

#[test]
fn whatever_strikes() {
    explore_and_repeat(&scenario());
}

/// Else it would write into what is half there, and lose that when it comes.
#[test]
fn who_writes_stands_still_until_the_data_is_back() {
    let (dump, copy) = ("{dump: mysql, on_failure: restore}", "null");
    let scenario = Scenario::new("who writes waits").deployed(&shop("1", dump, copy));
    let bad = shop("2", dump, copy).context("web", "2", Behaviour::NeverHealthy);
    let scenario = scenario.edited(&bad).act(deploy()).fails();
    let names = |process: &Process| -> Vec<String> {
        process.points().into_iter().map(|point| point.name).collect()
    };
    let process = scenario.machine().process();
    assert_eq!(outcome(&deploy(), &process, &scenario), Outcome::RolledBack);
    let at = names(&process).iter().position(|call| call.starts_with("engine.write_to")).unwrap();
    let machine = scenario.machine();
    let process = machine.process().with_fault(Fault { at, kind: Kind::ErrorBefore });
    assert_eq!(outcome(&deploy(), &process, &scenario), Outcome::RolledBack);
    let calls = names(&process);
    let back = calls.iter().rposition(|call| call.starts_with("engine.write_to")).unwrap();
    let started = |call: &String| call.starts_with("engine.start") && call.contains("web");
    assert!(at < back, "it is tried again: {calls:#?}");
    assert!(!calls[at..back].iter().any(started), "{:#?}", &calls[at..=back]);
    assert!(calls[back..].iter().any(started), "{:#?}", &calls[back..]);
}
