//! What holds around a run: looking changes nothing, one run at a time, Compose stays Compose.

use backstay_core::Error;
use backstay_core::context::Context;
use backstay_core::lock::{Holder, Locks};
use backstay_core::ops::deploy::DeployOptions;
use backstay_core::ops::environment::EnvironmentChoice;
use backstay_core::ops::rollback::RollbackOptions;
use backstay_core::ops::{deploy, rollback, status};
use backstay_core::plan::Step;
use backstay_testkit::fake::harness::{Act, Scenario};
use backstay_testkit::fake::{Ended, Machine, Process};

use super::stacks::{deploy as deploying, good, rollback as rolling_back};

/// Runs `look` and returns what it says, when it has changed nothing at all.
fn unchanged<T>(scenario: &Scenario, look: impl AsyncFnOnce(&Context) -> T) -> T {
    let machine = scenario.machine();
    let before = machine.snapshot();
    let process = machine.process();
    let ctx = process.context();
    let result = process.run(look(&ctx)).done().unwrap();
    assert_eq!(process.points(), []);
    assert!(machine.snapshot() == before);
    result
}

#[test]
fn a_plan_with_a_template_has_no_effect_and_names_it() {
    let needy = good("2", &["env_file: other.env", "environment: {A: \"${A:?set it}\"}"]);
    let needy = needy.file(".env.linux", "A=1\n").file("other.env", "B=1\n");
    let scenario = Scenario::new("plan").deployed(&good("1", &[])).edited(&needy);
    let stack = scenario.reference().clone();
    let environment = EnvironmentChoice::Put { template: "linux".to_owned() };
    let options = DeployOptions { environment, ..DeployOptions::default() };
    let plan = unchanged(&scenario, async |ctx| deploy::plan(ctx, &stack, &options).await).unwrap();
    assert_eq!(plan.steps, [Step::Environment { template: ".env.linux".to_owned() }]);
    let keeping = DeployOptions::default();
    let refused = unchanged(&scenario, async |ctx| deploy::plan(ctx, &stack, &keeping).await);
    let Err(Error::MissingVariables { variables, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!(variables[0].name, "A");
}

#[test]
fn a_plan_has_no_effect() {
    let scenario = Scenario::new("plan").deployed(&good("1", &[])).deployed(&good("2", &[]));
    let scenario = scenario.edited(&good("3", &["environment: {A: b}"]));
    let stack = scenario.reference().clone();
    let options = DeployOptions::default();
    let plan = unchanged(&scenario, async |ctx| deploy::plan(ctx, &stack, &options).await).unwrap();
    assert!(!plan.is_empty());
    let options = RollbackOptions::default();
    let plan =
        unchanged(&scenario, async |ctx| rollback::plan(ctx, &stack, &options).await).unwrap();
    assert!(!plan.is_empty());
    unchanged(&scenario, async |ctx| status::read(ctx, &stack).await).unwrap();
}

#[test]
fn a_plan_before_the_first_deploy_has_no_effect() {
    let scenario = Scenario::new("first plan").edited(&good("1", &[]));
    let stack = scenario.reference().clone();
    let options = DeployOptions::default();
    unchanged(&scenario, async |ctx| deploy::plan(ctx, &stack, &options).await).unwrap();
}

#[test]
fn a_second_run_is_refused_and_changes_nothing() {
    let scenario = Scenario::new("locked").deployed(&good("1", &[])).deployed(&good("2", &[]));
    let scenario = scenario.edited(&good("3", &[]));
    let machine = scenario.machine();
    let first = machine.process();
    let holder = Holder { pid: 1, host: "h".into(), command: "x".into(), since: "now".into() };
    let lock = backstay_testkit::fake::kept(scenario.reference()).lock();
    let guard = first.locks().acquire(&lock, &holder).unwrap();
    let before = machine.snapshot();
    for act in [deploying(), rolling_back(), Act::Recover] {
        let ended = perform(&machine.process(), &act, &scenario);
        assert!(ended.contains("Locked"), "{ended}");
    }
    assert!(machine.snapshot().engine == before.engine);
    assert!(machine.snapshot().disk.changed_paths(&before.disk).is_empty());
    drop(guard);
    assert!(perform(&machine.process(), &deploying(), &scenario).contains("Deployed"));
}

fn perform(process: &Process, act: &Act, scenario: &Scenario) -> String {
    let Ended::Done(result) = act.perform(process, scenario.reference()) else {
        panic!("it was killed");
    };
    format!("{result:?}")
}

fn containers(machine: &Machine) -> Vec<String> {
    machine.with(|world| {
        let running = world.engine.containers.values();
        running.map(|container| format!("{} {}", container.name, container.id)).collect()
    })
}

#[test]
fn a_plain_compose_up_finds_nothing_to_do() {
    for web in [&[][..], &["deploy: {replicas: 3}"], &["ports: [\"8080:80\"]"]] {
        let scenario = Scenario::new("up").deployed(&good("1", web)).deployed(&good("2", web));
        let machine = scenario.machine();
        let before = containers(&machine);
        machine.with(|world| world.compose_up(scenario.reference())).unwrap();
        assert_eq!(containers(&machine), before);

        let scenario = scenario.done(&rolling_back());
        let machine = scenario.machine();
        let before = containers(&machine);
        machine.with(|world| world.compose_up(scenario.reference())).unwrap();
        assert_eq!(containers(&machine), before, "after a rollback");
    }
}
