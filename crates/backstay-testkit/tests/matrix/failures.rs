//! Deploys that fail: the old release stays, whatever else goes wrong while it is brought back.

use std::time::Duration;

use backstay_core::ops::deploy::DeployOptions;
use backstay_testkit::fake::Behaviour;
use backstay_testkit::fake::harness::{Act, Scenario};

use super::stacks::{CHECK, deploy, explore_and_repeat, good, options, shop};

fn failing(name: &str, behaviour: Behaviour, web: &[&str]) -> Scenario {
    let scenario = Scenario::new(name).deployed(&good("1", web));
    scenario.edited(&shop("2", behaviour, web)).act(deploy()).fails()
}

#[test]
fn it_does_not_build() {
    explore_and_repeat(&failing("does not build", Behaviour::BuildFails, &[]));
}

#[test]
fn it_exits_at_the_start() {
    explore_and_repeat(&failing("exits", Behaviour::ExitAtStart(3), &[]));
}

#[test]
fn it_cannot_be_started() {
    explore_and_repeat(&failing("can't start", Behaviour::CannotStart, &["ports: [\"8080:80\"]"]));
}

#[test]
fn it_is_never_healthy() {
    explore_and_repeat(&failing(
        "never healthy",
        Behaviour::NeverHealthy,
        &["ports: [\"8080:80\"]"],
    ));
}

/// It passes its rehearsal and dies while it is watched, when it has taken over.
#[test]
fn it_dies_after_the_switch() {
    let crash = Behaviour::CrashAfter(Duration::from_millis(400));
    explore_and_repeat(&failing("dies late", crash, &["deploy: {replicas: 2}"]));
}

#[test]
fn it_dies_after_a_stop_first_switch() {
    let crash = Behaviour::CrashAfter(Duration::from_millis(250));
    let web = ["deploy: {update_config: {order: stop-first}}", "ports: [\"8080:80\"]"];
    let scenario = Scenario::new("dies after stop-first").deployed(&good("1", &web));
    let act = Act::Deploy(DeployOptions { rehearsal: false, ..options() });
    explore_and_repeat(&scenario.edited(&shop("2", crash, &web)).act(act).fails());
}

#[test]
fn the_first_deploy_fails() {
    let stack = shop("1", Behaviour::NeverHealthy, &["volumes: [/scratch]"]);
    explore_and_repeat(&Scenario::new("first fails").edited(&stack).act(deploy()).fails());
}

#[test]
fn the_second_of_two_services_fails() {
    let stack = |version: &str, behaviour| {
        let text = format!(
            "services:\n  a: {{build: ./a, restart: always, {CHECK}}}\n  \
             b: {{build: ./b, restart: always, {CHECK}, depends_on: [a], \
             deploy: {{update_config: {{order: stop-first}}}}}}\n"
        );
        backstay_testkit::fake::FakeStack::new("/srv/shop")
            .compose(&text)
            .context("a", version, Behaviour::Healthy)
            .context("b", version, behaviour)
    };
    let scenario = Scenario::new("the second fails").deployed(&stack("1", Behaviour::Healthy));
    explore_and_repeat(
        &scenario.edited(&stack("2", Behaviour::NeverHealthy)).act(deploy()).fails(),
    );
}
