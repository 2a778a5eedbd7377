//! An engine that goes on with what it was asked for, when the run that asked has been killed.

use std::time::Duration;

use backstay_testkit::fake::harness::{Act, Picture, Scenario};
use backstay_testkit::fake::{Ended, Fault, Kind, Machine};

use super::stacks::{deploy, good};

fn scenario() -> Scenario {
    let web = ["ports: [\"8080:80\"]"];
    let scenario = Scenario::new("late").deployed(&good("1", &web));
    scenario.edited(&good("2", &web)).act(deploy())
}

/// Killed when the engine is asked to create the containers: before it has, or after.
fn killed(scenario: &Scenario, kind: Kind) -> Machine {
    let points = scenario.explore().points;
    let at = points.iter().position(|point| point.name.starts_with("engine.create")).unwrap();
    let machine = scenario.machine();
    let process = machine.process().with_fault(Fault { at, kind });
    let ended = deploy().perform(&process, scenario.reference());
    assert!(matches!(ended, Ended::Crashed), "{ended:?}");
    machine
}

fn recover(scenario: &Scenario, machine: &Machine) {
    let ended = Act::Recover.perform(&machine.process(), scenario.reference());
    assert!(matches!(ended, Ended::Done(Ok(_))), "{ended:?}");
}

#[test]
fn what_comes_after_the_recovery_goes_with_the_next_one() {
    let scenario = scenario();
    let old = scenario.explore().old;
    let made = killed(&scenario, Kind::CrashAfter).snapshot().engine;
    let machine = killed(&scenario, Kind::CrashBefore);
    recover(&scenario, &machine);
    machine.with(|world| {
        let new = made.containers.into_iter();
        let late: Vec<_> =
            new.filter(|(id, _)| !world.engine.containers.contains_key(id)).collect();
        assert_eq!(late.len(), 2, "a candidate and its rehearsal");
        world.engine.containers.extend(late);
    });
    recover(&scenario, &machine);
    machine.pass(Duration::from_secs(60));
    let now = Picture::of(&machine, scenario.reference(), "shop");
    assert_eq!(old.differences(&now, &old.ids()), [""; 0]);
    assert_eq!(machine.with(|world| world.of_service("shop", "web")).len(), 1);
}

#[test]
fn what_a_run_asked_for_just_now_is_waited_for() {
    let scenario = scenario();
    let waits = |age: u64| {
        let machine = killed(&scenario, Kind::CrashBefore);
        machine.pass(Duration::from_secs(age));
        let begin = machine.with(|world| world.now);
        recover(&scenario, &machine);
        machine.with(|world| world.now) - begin >= Duration::from_secs(1)
    };
    assert!(waits(1));
    assert!(!waits(120));
}
