//! The state is gone after a kill: what the containers say leads back, or forward.

use backstay_testkit::fake::Behaviour;
use backstay_testkit::fake::harness::{Act, Findings, Scenario};

use super::stacks::{deploy, good, options, rollback, shop};

fn assert_found(scenario: &Scenario) {
    let mut findings = Findings::default();
    let count = scenario.kill_and_forget(&mut findings);
    println!("{}: {count} runs killed, and the state deleted", scenario.name());
    findings.assert_none();
}

#[test]
fn a_deploy_of_a_service_that_is_swapped() {
    let web = ["ports: [\"8080:80\"]"];
    let scenario = Scenario::new("forgotten swap").deployed(&good("1", &web));
    assert_found(&scenario.edited(&good("2", &web)).act(deploy()));
}

#[test]
fn a_deploy_of_replicas_side_by_side() {
    let web = ["deploy: {replicas: 2}"];
    let scenario = Scenario::new("forgotten replicas").deployed(&good("1", &web));
    assert_found(&scenario.edited(&good("2", &web)).act(deploy()));
}

#[test]
fn a_deploy_that_stops_first() {
    let web = ["deploy: {update_config: {order: stop-first}}", "ports: [\"8080:80\"]"];
    let scenario = Scenario::new("forgotten stop-first").deployed(&good("1", &web));
    assert_found(&scenario.edited(&good("2", &web)).act(deploy()));
}

#[test]
fn a_deploy_that_fails() {
    let web = ["ports: [\"8080:80\"]"];
    let scenario = Scenario::new("forgotten failure").deployed(&good("1", &web));
    let bad = shop("2", Behaviour::NeverHealthy, &web);
    let act = Act::Deploy(options());
    assert_found(&scenario.edited(&bad).act(act).fails());
}

#[test]
fn a_rollback() {
    let web = ["ports: [\"8080:80\"]"];
    let scenario = Scenario::new("forgotten rollback").deployed(&good("1", &web));
    assert_found(&scenario.deployed(&good("2", &web)).act(rollback()));
}
