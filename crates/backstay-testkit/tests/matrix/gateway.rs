//! The gateway: it comes, leads from one release to the next, and goes.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use backstay_core::engine::Status;
use backstay_core::event::Outcome;
use backstay_core::ops::deploy::DeployOptions;
use backstay_core::ops::gateway::GatewayChoice;
use backstay_core::ops::rollback::RollbackOptions;
use backstay_core::ports::Containers;
use backstay_core::stack::StackRef;
use backstay_testkit::fake::harness::{Act, Scenario};
use backstay_testkit::fake::{Behaviour, Ended, FakeStack, Fault, Kind, Machine, World};

use super::stacks::{deploy, explore, good, is_thorough, options, rollback, shop};

pub(super) const PORT: &str =
    "ports: [{target: 80, published: \"8080\", protocol: tcp, mode: ingress}]";

/// What turning it on writes beside the compose file.
const FILE: &str = "\
# Written by Backstay: its gateway holds these host ports, so that containers can change behind it.
# `docker compose` reads this file by itself. `backstay gateway disable` takes it away again.
# It is written anew by each deploy: changes belong into the other files.
x-backstay-gateway: {\"all\":true}
services:
  \"web\":
    ports: !override []
    x-backstay-gateway: {\"ports\":[{\"published\":8080,\"target\":80}]}
";

pub(super) fn with_file(stack: FakeStack) -> FakeStack {
    stack.file("docker-compose.override.yml", FILE)
}

fn turned(gateway: GatewayChoice) -> Act {
    Act::Deploy(DeployOptions { build: false, gateway, ..options() })
}

pub(super) fn enable() -> Act {
    turned(GatewayChoice::Enable { services: BTreeSet::new() })
}

fn back() -> RollbackOptions {
    RollbackOptions { monitor: options().monitor, ..RollbackOptions::default() }
}

pub(super) fn disable() -> Act {
    turned(GatewayChoice::Disable { services: BTreeSet::new() })
}

/// A stack that runs behind its gateway.
pub(super) fn behind(name: &str, web: &[&str]) -> Scenario {
    let lines: Vec<&str> = [PORT].into_iter().chain(web.iter().copied()).collect();
    let scenario = Scenario::new(name).deployed(&good("1", &lines)).done(&enable());
    scenario.edited(&with_file(good("1", &lines))).done(&deploy())
}

#[test]
fn it_comes() {
    explore(&Scenario::new("the gateway comes").deployed(&good("1", &[PORT])).act(enable()));
}

#[test]
fn it_comes_for_a_service_that_cannot_run_twice() {
    let lines = [PORT, "deploy: {update_config: {order: stop-first}}"];
    let scenario = Scenario::new("the gateway comes, stop-first").deployed(&good("1", &lines));
    explore(&scenario.act(enable()));
}

#[test]
fn it_does_not_come_where_containers_do_not_reach_each_other() {
    let scenario = Scenario::new("the gateway behind a wall").deployed(&good("1", &[PORT]));
    let scenario = scenario.changed(|machine| {
        machine.with(|world| world.engine.walls.insert("shop_default".to_owned()));
    });
    assert_eq!(scenario.explore().interrupted, BTreeSet::new());
    explore(&scenario.act(enable()).fails());
}

#[test]
fn a_wall_that_has_come_later_is_found_by_the_next_run() {
    let scenario = behind("a wall behind the gateway", &[]).changed(|machine| {
        machine.with(|world| world.engine.walls.insert("shop_default".to_owned()));
    });
    let scenario = scenario.edited(&with_file(good("2", &[PORT])));
    explore(&scenario.act(deploy()).fails());
}

#[test]
fn it_goes() {
    explore(&behind("the gateway goes", &[]).act(disable()));
}

#[test]
fn it_leads_to_the_next_release_and_nobody_is_interrupted() {
    let scenario = behind("behind the gateway", &[]);
    let scenario = scenario.edited(&with_file(good("2", &[PORT]))).act(deploy());
    assert_eq!(scenario.explore().interrupted, BTreeSet::new());
    explore(&scenario);
}

#[test]
fn it_leads_back_from_a_release_that_fails() {
    let failing = shop("2", Behaviour::NeverHealthy, &[PORT]);
    let scenario = behind("failing behind the gateway", &[]).edited(&with_file(failing));
    explore(&scenario.act(deploy()).fails());
}

#[test]
fn it_leads_back_to_one_that_somebody_has_stopped() {
    let scenario = behind("stopped by hand behind the gateway", &[]);
    let scenario = scenario.changed(|machine| {
        let web = machine.with(|world| world.of_service("shop", "web"));
        let (process, id) = (machine.process(), web[0].clone());
        let engine = process.engine();
        let _ = process.run(Containers::stop(&engine, &id));
    });
    let dies = Behaviour::CrashAfter(Duration::from_millis(150));
    explore(&scenario.edited(&with_file(shop("2", dies, &[PORT]))).act(deploy()).fails());
}

#[test]
fn it_holds_for_a_service_that_cannot_run_twice() {
    let lines = [PORT, "deploy: {update_config: {order: stop-first}}"];
    let scenario = behind("stop-first behind the gateway", &lines[1..]);
    explore(&scenario.edited(&with_file(good("2", &lines))).act(deploy()));
}

#[test]
fn it_finds_what_was_made_by_hand() {
    let scenario = behind("made by hand behind the gateway", &[]);
    let scenario = scenario.edited(&with_file(good("2", &[PORT, "environment: {A: b}"])));
    let stack = scenario.reference().clone();
    let scenario = scenario.changed(|machine| {
        machine.with(|world| world.compose_up(&stack)).unwrap();
    });
    explore(&scenario.act(deploy()));
}

#[test]
fn another_host_port_makes_another_gateway() {
    let other = PORT.replace("8080", "8081");
    let scenario = behind("another port for the gateway", &[]);
    explore(&scenario.edited(&with_file(good("2", &[&other]))).act(deploy()));
}

/// The stack's files as Compose finds them now.
fn found(machine: &Machine, scenario: &Scenario) -> StackRef {
    let mut stack = scenario.reference().clone();
    let beside = stack.directory.join("docker-compose.override.yml");
    stack.files.truncate(1);
    stack.files.extend(is_there(machine, &beside).then_some(beside));
    stack
}

fn is_there(machine: &Machine, path: &Path) -> bool {
    machine.with(|world| world.disk.nodes.contains_key(path))
}

/// Kills the operation at each of its calls. What comes next finds the files before it recovers, and another set of them behind that.
fn then_next(scenario: Scenario, act: &Act, next: &Act) {
    let scenario = &scenario.act(act.clone());
    let step = if is_thorough() { 1 } else { 7 };
    for at in (0..scenario.explore().points.len()).step_by(step) {
        let machine = scenario.machine();
        let fault = Fault { at, kind: Kind::CrashAfter };
        let _ = act.perform(&machine.process().with_fault(fault), scenario.reference());
        let ended = next.perform(&machine.process(), &found(&machine, scenario));
        let Ended::Done(Ok(reports)) = ended else {
            panic!("{}, killed at {at}: {ended:?}", scenario.name())
        };
        assert_eq!(reports[0].outcome, Outcome::Deployed, "killed at {at}: {reports:?}");
        let stack = found(&machine, scenario);
        let ids = |world: &World| world.engine.containers.keys().cloned().collect::<Vec<_>>();
        let (leads, before) = machine.with(|world| {
            (world.engine.containers.values().any(|found| found.one_off), ids(world))
        });
        assert_eq!(leads, stack.files.len() == 2, "{}, killed at {at}", scenario.name());
        machine.with(|world| world.compose_up(&stack)).unwrap();
        assert_eq!(machine.with(|world| ids(world)), before, "{}, killed at {at}", scenario.name());
    }
}

#[test]
fn whoever_comes_after_one_that_was_killed_finds_the_files_that_are_there_then() {
    let on = Scenario::new("turned on, then a deploy").deployed(&good("1", &[PORT]));
    then_next(on, &enable(), &deploy());
    then_next(behind("turned off, then a deploy", &[]), &disable(), &deploy());
}

#[test]
fn a_rollback_leads_back() {
    let scenario = behind("rollback behind the gateway", &[]);
    let scenario = scenario.edited(&with_file(good("2", &[PORT]))).done(&deploy());
    let options = RollbackOptions { target: Some("r2".to_owned()), ..back() };
    explore(&scenario.act(Act::Rollback(options)));
}

#[test]
fn a_rollback_to_a_release_without_it_takes_it_away() {
    let scenario = Scenario::new("rollback to before the gateway").deployed(&good("1", &[PORT]));
    let scenario = scenario.done(&enable()).edited(&with_file(good("1", &[PORT])));
    explore(&scenario.act(rollback()));
}

/// Long enough for the pauses of a scenario.
const WARM: &str = "x-backstay: {gateway: {keep_warm: 1h}}";

/// A stack whose new release runs, while the old containers are still up.
fn warm(name: &str, lines: &[&str]) -> Scenario {
    let lines: Vec<&str> = [WARM].into_iter().chain(lines.iter().copied()).collect();
    let scenario = behind(name, &lines);
    let lines: Vec<&str> = [PORT].into_iter().chain(lines).collect();
    scenario.edited(&with_file(good("2", &lines))).done(&deploy())
}

fn back_to_2() -> RollbackOptions {
    RollbackOptions { target: Some("r2".to_owned()), ..back() }
}

fn is_up(scenario: &Scenario) -> bool {
    scenario.machine().with(|world| {
        world.engine.containers.values().any(|found| {
            found.name.starts_with("shop-web-1.warm-") && found.life.status == Status::Running
        })
    })
}

#[test]
fn a_rollback_while_the_old_containers_are_up_is_a_switch_back() {
    let scenario = warm("warm rollback", &[]);
    assert!(is_up(&scenario));
    let scenario = scenario.act(Act::Rollback(back_to_2()));
    let explored = scenario.explore();
    assert_eq!(explored.interrupted, BTreeSet::new());
    // Before anything else on the engine but the mark of the run.
    let mut calls = explored.points.iter().filter(|point| point.name.starts_with("engine."));
    let first = calls.find(|point| !point.name.starts_with("engine.claim"));
    assert!(first.is_some_and(|point| point.name.starts_with("engine.set_routes")), "{first:?}");
    explore(&scenario);
}

#[test]
fn a_rollback_can_be_taken_back_as_fast() {
    let scenario = warm("warm rollback, taken back", &[]).done(&Act::Rollback(back_to_2()));
    assert!(is_up(&scenario));
    let present = RollbackOptions { target: Some("1".to_owned()), ..back() };
    let scenario = scenario.act(Act::Rollback(present));
    let explored = scenario.explore();
    let mut calls = explored.points.iter().filter(|point| point.name.starts_with("engine."));
    assert!(calls.any(|point| point.name.starts_with("engine.set_routes")), "no way back");
    explore(&scenario);
}

#[test]
fn a_service_that_can_not_run_twice_ends_with_the_commit() {
    let scenario = warm("nothing is warm", &["deploy: {update_config: {order: stop-first}}"]);
    assert!(!is_up(&scenario));
}

#[test]
fn saving_data_leaves_them_up() {
    let said = "x-backstay: {gateway: {keep_warm: 1h}, data: {dump: {command: [save, db]}}}";
    let scenario = behind("data while warm", &[said]);
    let scenario = scenario.edited(&with_file(good("2", &[PORT, said]))).done(&deploy());
    assert!(is_up(&scenario));
    let scenario = scenario.done(&Act::SaveData);
    assert!(is_up(&scenario));
    let first = scenario.act(Act::Rollback(back_to_2())).explore();
    let mut calls = first.points.iter().filter(|point| point.name.starts_with("engine."));
    assert!(calls.any(|point| point.name.starts_with("engine.set_routes")), "no way back");
}

#[test]
fn the_next_deploy_ends_what_is_warm() {
    let scenario = warm("deploy while warm", &[]);
    let scenario =
        scenario.edited(&with_file(good("3", &[PORT, "x-backstay: {gateway: {keep_warm: 0s}}"])));
    explore(&scenario.act(deploy()));
}

#[test]
fn a_deploy_that_fails_leaves_them_until_their_time_is_over() {
    let scenario = warm("failing deploy while warm", &[]);
    let failing = shop("3", Behaviour::NeverHealthy, &[PORT, WARM]);
    explore(&scenario.edited(&with_file(failing)).act(deploy()).fails());
}
