//! Power that goes at every single operation of the disk.

use backstay_core::ops::deploy::DeployOptions;
use backstay_core::ops::rollback::RollbackOptions;
use backstay_core::release::Retention;
use backstay_testkit::fake::Behaviour;
use backstay_testkit::fake::harness::{Act, Findings, Scenario};

use super::stacks::{deploy, good, is_thorough, options, rollback, shop};

/// The power goes at calls; and again at each call of some of the recoveries.
fn lose_power(scenario: &Scenario) {
    let mut findings = Findings::default();
    let (once, twice) = if is_thorough() { (1, 16) } else { (7, 101) };
    let cases = scenario.lose_power(once, twice, &mut findings);
    println!("{}: {cases} losses of power", scenario.name());
    findings.assert_none();
}

#[test]
fn in_a_first_deploy() {
    lose_power(&Scenario::new("power, first deploy").edited(&good("1", &[])).act(deploy()));
}

#[test]
fn in_a_deploy() {
    let scenario = Scenario::new("power, deploy").deployed(&good("1", &["ports: [\"8080:80\"]"]));
    let next = good("2", &["ports: [\"8080:80\"]", "environment: {A: b}"]);
    lose_power(&scenario.edited(&next.env("GREETING=good day\n")).act(deploy()));
}

#[test]
fn in_a_deploy_that_fails() {
    let web = ["deploy: {update_config: {order: stop-first}}"];
    let scenario = Scenario::new("power, failing deploy").deployed(&good("1", &web));
    let bad = shop("2", Behaviour::NeverHealthy, &web);
    lose_power(&scenario.edited(&bad).act(deploy()).fails());
}

#[test]
fn in_an_update_and_when_it_is_taken_back() {
    let scenario = Scenario::new("power, update").deployed(&good("1", &[])).edited(&good("2", &[]));
    let only = Some(["web".to_owned()].into());
    let update = Act::Deploy(DeployOptions { services: only, ..options() });
    lose_power(&scenario.clone().act(update.clone()));
    let monitor = options().monitor;
    let back = RollbackOptions { updates: true, monitor, ..RollbackOptions::default() };
    lose_power(&scenario.done(&update).act(Act::Rollback(back)));
}

#[test]
fn in_a_rollback() {
    let (one, two) = (good("1", &[]), good("2", &["environment: {A: b}"]));
    let two = two.env("GREETING=good day\n").file("extra.yml", "x: 1\n");
    let scenario = Scenario::new("power, rollback").deployed(&one).deployed(&two);
    let pruned = scenario.changed(|machine| machine.with(|world| world.engine.prune_images()));
    lose_power(&pruned.act(rollback()));
}

/// A prune removes whole backups, and never an image that a remaining one needs.
#[test]
fn in_a_prune() {
    let scenario = Scenario::new("power, prune").deployed(&good("1", &[]));
    let scenario = scenario.deployed(&good("2", &[])).deployed(&good("3", &[]));
    let scenario = scenario.deployed(&good("4", &[]));
    let mut findings = Findings::default();
    let few = Retention { keep_days: None, keep_last: Some(1) };
    let cases = scenario.act(Act::Prune(few)).lose_power_in_upkeep(&mut findings);
    assert!(cases > 100, "{cases}");
    findings.assert_none();
}

/// The power goes while what an interrupted run left behind is cleared away, after the commit and before it.
#[test]
fn in_a_recovery() {
    let scenario = Scenario::new("power, recovery").deployed(&good("1", &[]));
    let scenario = scenario.edited(&good("2", &["environment: {A: b}"])).act(deploy());
    let mut findings = Findings::default();
    for prefix in ["engine.stop", "engine.remove", "engine.start"] {
        scenario.lose_power_in_recovery(prefix, &mut findings);
    }
    findings.assert_none();
}
