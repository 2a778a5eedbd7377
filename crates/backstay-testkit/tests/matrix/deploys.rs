//! Deploys that end well without a fault.

use std::collections::BTreeSet;
use std::time::Duration;

use backstay_core::event::Outcome;
use backstay_core::ops::deploy::DeployOptions;
use backstay_testkit::fake::harness::{Act, Scenario};
use backstay_testkit::fake::{Behaviour, Ended, FakeStack};

use super::stacks::{CHECK, deploy, explore_and_repeat, good, options, shop};

#[test]
fn first_deploy() {
    explore_and_repeat(&Scenario::new("first deploy").edited(&good("1", &[])).act(deploy()));
}

#[test]
fn one_of_two_changes() {
    let scenario = Scenario::new("one of two changes").deployed(&good("1", &[]));
    explore_and_repeat(&scenario.edited(&good("2", &[])).act(deploy()));
}

#[test]
fn nothing_changes() {
    explore_and_repeat(&Scenario::new("nothing changes").deployed(&good("1", &[])).act(deploy()));
}

#[test]
fn with_a_host_port() {
    let port = ["ports: [\"8080:80\"]"];
    let scenario = Scenario::new("with a host port").deployed(&good("1", &port));
    explore_and_repeat(&scenario.edited(&good("2", &port)).act(deploy()));
}

#[test]
fn with_a_host_port_and_no_rehearsal() {
    let port = ["ports: [\"8080:80\"]"];
    let scenario = Scenario::new("no rehearsal").deployed(&good("1", &port));
    let act = Act::Deploy(DeployOptions { rehearsal: false, ..options() });
    explore_and_repeat(&scenario.edited(&good("2", &port)).act(act));
}

#[test]
fn start_first() {
    let order = ["deploy: {replicas: 2, update_config: {order: start-first, parallelism: 2}}"];
    let scenario = Scenario::new("start first").deployed(&good("1", &order));
    explore_and_repeat(&scenario.edited(&good("2", &order)).act(deploy()));
}

#[test]
fn stop_first() {
    let order = ["deploy: {update_config: {order: stop-first}}", "volumes: [/scratch]"];
    let scenario = Scenario::new("stop first").deployed(&good("1", &order));
    explore_and_repeat(&scenario.edited(&good("2", &order)).act(deploy()));
}

#[test]
fn stop_first_with_the_old_ones_stopped_ahead() {
    let order =
        ["deploy: {replicas: 2, update_config: {order: stop-first}}", "volumes: [/scratch]"];
    let scenario = Scenario::new("stopped ahead").deployed(&good("1", &order));
    let act = Act::Deploy(DeployOptions { ahead: ["web".to_owned()].into(), ..options() });
    explore_and_repeat(&scenario.edited(&good("2", &order)).act(act));
}

#[test]
fn what_is_between_the_old_ones_and_the_new_ones_has_the_data_to_itself() {
    let order =
        ["deploy: {replicas: 2, update_config: {order: stop-first}}", "volumes: [/scratch]"];
    let ahead: BTreeSet<String> = ["web".to_owned()].into();
    let options = || DeployOptions { ahead: ahead.clone(), pauses: ahead.clone(), ..options() };
    let scenario = Scenario::new("paused").deployed(&good("1", &order));
    let edited = scenario.edited(&good("2", &order));
    explore_and_repeat(&edited.act(Act::Deploy(options())));
    // By the calls of a deploy that fails: what is stopped and started around the mark, there and back.
    let crashing = Behaviour::CrashAfter(Duration::from_millis(400));
    let failing = Scenario::new("paused and undone").deployed(&good("1", &order));
    let failing = failing.edited(&shop("2", crashing, &order));
    let process = failing.machine().process();
    let done = Act::Deploy(options()).perform(&process, failing.reference());
    let Ended::Done(Ok(reports)) = done else { panic!("{done:?}") };
    assert_eq!(reports[0].outcome, Outcome::RolledBack);
    let mut calls = String::new();
    for point in process.points() {
        let word = ["engine.stop", "engine.start"].into_iter().find(|w| point.name.starts_with(w));
        let call = match (word, point.name.contains("/paused")) {
            (Some(word), _) if point.name.contains("web") => &word["engine.".len()..],
            (_, true) => "mark",
            _ => continue,
        };
        if !calls.ends_with(call) {
            calls.push_str(&format!(" {call}"));
        }
    }
    let parts: Vec<&str> = calls.split(" mark").map(str::trim).collect();
    let [before, between, after] = parts[..] else { panic!("{calls}") };
    assert_eq!(before, "stop", "{calls}");
    assert!(between.ends_with("start stop"), "{calls}");
    assert!(after.starts_with("start"), "{calls}");
}

#[test]
fn three_replicas_one_after_the_other() {
    let replicas = ["deploy: {replicas: 3, update_config: {delay: 1s}}"];
    let scenario = Scenario::new("three replicas").deployed(&good("1", &replicas));
    explore_and_repeat(&scenario.edited(&good("2", &replicas)).act(deploy()));
}

#[test]
fn more_replicas_and_fewer() {
    let few = good("1", &["deploy: {replicas: 1}"]);
    let many = good("1", &["deploy: {replicas: 3}"]);
    let scenario = Scenario::new("more replicas").deployed(&few).edited(&many);
    explore_and_repeat(&scenario.act(deploy()));
    let scenario = Scenario::new("fewer replicas").deployed(&many).edited(&few);
    explore_and_repeat(&scenario.act(deploy()));
}

#[test]
fn a_fixed_name() {
    let name = ["container_name: the-web"];
    let scenario = Scenario::new("a fixed name").deployed(&good("1", &name));
    explore_and_repeat(&scenario.edited(&good("2", &name)).act(deploy()));
}

/// Services, networks and volumes come and go; one service's port goes to another.
fn before_and_after() -> (FakeStack, FakeStack) {
    let stack = |text: &str| FakeStack::new("/srv/shop").compose(text);
    let before = stack(&format!(
        "services:\n  web: {{build: ./web, networks: [front], ports: [\"8080:80\"], {CHECK}}}\n  \
         old: {{build: ./old, networks: [front, back], ports: [\"9090:80\"]}}\n\
         networks: {{front: , back: }}\n"
    ));
    let after = stack(&format!(
        "services:\n  web: {{build: ./web, networks: [front], ports: [\"8080:80\"], {CHECK}}}\n  \
         new: {{build: ./new, networks: [front, side], ports: [\"9090:80\"], volumes: [\"things:/x\"]}}\n\
         networks: {{front: , side: }}\nvolumes: {{things: }}\n"
    ));
    let contexts = |stack: FakeStack| {
        let well = Behaviour::Healthy;
        stack.context("web", "1", well).context("old", "1", well).context("new", "1", well)
    };
    (contexts(before), contexts(after))
}

#[test]
fn services_come_and_go() {
    let (before, after) = before_and_after();
    let scenario = Scenario::new("services come and go").deployed(&before).edited(&after);
    explore_and_repeat(&scenario.act(deploy()));
}

#[test]
fn a_stack_that_plain_compose_runs() {
    let (before, after) = (good("1", &[]), good("2", &["environment: {A: b}"]));
    let scenario = Scenario::new("adopted").edited(&before);
    let stack = before.reference();
    let scenario = scenario.changed(|machine| {
        machine.with(|world| world.compose_up(&stack)).unwrap();
    });
    explore_and_repeat(&scenario.edited(&after).act(deploy()));
}

#[test]
fn a_stack_that_somebody_changed_by_hand() {
    let scenario = Scenario::new("drifted").deployed(&good("1", &[]));
    let other = good("2", &["environment: {A: b}"]);
    let stack = other.reference();
    let scenario = scenario.edited(&other).changed(|machine| {
        machine.with(|world| world.compose_up(&stack)).unwrap();
    });
    explore_and_repeat(&scenario.edited(&good("3", &[])).act(deploy()));
}

#[test]
fn one_service_is_updated() {
    let scenario = Scenario::new("update").deployed(&good("1", &[]));
    let only = Some(["web".to_owned()].into());
    let act = Act::Deploy(DeployOptions { services: only, ..options() });
    explore_and_repeat(&scenario.edited(&good("2", &[])).act(act));
}

#[test]
fn a_service_lives_in_anothers_network() {
    let stack = |version: &str| {
        FakeStack::new("/srv/shop")
            .compose(
                "services:\n  web: {build: ./web, restart: always}\n  side: {build: ./side, \
                 network_mode: \"service:web\", restart: always}\n",
            )
            .context("web", version, Behaviour::Healthy)
            .context("side", "1", Behaviour::Healthy)
    };
    let scenario = Scenario::new("a borrowed network").deployed(&stack("1"));
    explore_and_repeat(&scenario.edited(&stack("2")).act(deploy()));
}

#[test]
fn a_job_that_others_wait_for() {
    let stack = |version: &str| {
        FakeStack::new("/srv/shop")
            .compose(
                "services:\n  migrate: {build: ./migrate}\n  web: {build: ./web, restart: always, \
                 depends_on: {migrate: {condition: service_completed_successfully}}}\n",
            )
            .context("web", version, Behaviour::Healthy)
            .context("migrate", version, Behaviour::Completes(0))
    };
    let scenario = Scenario::new("a job").deployed(&stack("1"));
    explore_and_repeat(&scenario.edited(&stack("2")).act(deploy()));
}
