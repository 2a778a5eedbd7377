//! The gateway inside: it takes the names of services over, leads siblings from one release to the next, and gives the names
//! back.

use std::collections::BTreeSet;

use backstay_core::engine::Status;
use backstay_core::ops::rollback::RollbackOptions;
use backstay_testkit::fake::harness::{Act, Scenario};
use backstay_testkit::fake::{Behaviour, FakeStack, Machine};

use super::gateway::{disable, enable, with_file};
use super::stacks::{CHECK, deploy, explore, options, rollback};

/// `web` has a host port, `app` has none and these further lines, and `side` asks for the address of `app` once.
fn shop(version: &str, behaviour: Behaviour, app: &[&str]) -> FakeStack {
    let mut text = format!(
        "services:\n  web:\n    image: web:1\n    restart: always\n    {CHECK}\n    ports: [{{target: 80, \
         published: \"8080\", protocol: tcp, mode: ingress}}]\n  side:\n    image: side:1\n    restart: \
         always\n    {CHECK}\n    depends_on: [app]\n  app:\n    build: ./app\n    restart: always\n    \
         {CHECK}\n    expose: [\"9000\"]\n"
    );
    for line in app {
        text.push_str(&format!("    {line}\n"));
    }
    FakeStack::new("/srv/shop")
        .compose(&text)
        .context("app", version, behaviour)
        .registry("web:1", "1", Behaviour::Healthy)
        .registry("side:1", "1", Behaviour::Healthy)
}

const DIRECT: &str = "x-backstay: {gateway: {inside: false}}";

fn good(version: &str, app: &[&str]) -> FakeStack {
    shop(version, Behaviour::Healthy, app)
}

/// A stack that runs behind its gateway.
fn behind(name: &str, app: &[&str]) -> Scenario {
    let scenario = Scenario::new(name).deployed(&good("1", app)).done(&enable());
    scenario.edited(&with_file(good("1", app)))
}

/// Whether the running containers of `app` have its name themselves, and whether the gateway has it.
fn names(machine: &Machine) -> (bool, bool) {
    machine.with(|world| {
        let own = world.engine.containers.values().any(|container| {
            container.service == "app"
                && container.life.status == Status::Running
                && container.networks.values().flatten().any(|name| name == "app")
        });
        (own, world.engine.gateways.values().any(|gateway| gateway.inside.contains_key("app")))
    })
}

#[test]
fn it_takes_the_names_and_gives_them_back() {
    let on = behind("names go and come", &[]);
    assert_eq!(names(&on.machine()), (false, true));
    let off = on.done(&disable());
    assert!(names(&off.machine()).0);
}

#[test]
fn it_takes_the_names() {
    explore(&Scenario::new("the gateway takes names").deployed(&good("1", &[])).act(enable()));
}

#[test]
fn it_takes_the_names_with_the_first_deployment() {
    let first = with_file(good("1", &[]));
    explore(&Scenario::new("the gateway has the names at once").edited(&first).act(deploy()));
}

#[test]
fn it_gives_the_names_back() {
    explore(&behind("the gateway gives names back", &[]).act(disable()));
}

#[test]
fn nobody_inside_is_interrupted_nor_has_to_look_again() {
    let scenario = behind("inside", &[]).edited(&with_file(good("2", &[]))).act(deploy());
    let explored = scenario.explore();
    assert_eq!(explored.interrupted, BTreeSet::new());
    // `side` is neither started anew nor told to look again.
    let touched = explored.points.iter().filter(|point| !point.reads);
    let touched = touched.map(|point| &point.name).filter(|name| name.contains("side"));
    assert_eq!(touched.collect::<Vec<_>>(), Vec::<&String>::new());
    explore(&scenario);
}

#[test]
fn it_leads_back_inside_from_a_release_that_fails() {
    let failing = with_file(shop("2", Behaviour::NeverHealthy, &[]));
    explore(&behind("failing inside", &[]).edited(&failing).act(deploy()).fails());
}

#[test]
fn it_holds_inside_for_a_service_that_can_not_run_twice() {
    let lines = ["deploy: {update_config: {order: stop-first}}"];
    let scenario = behind("stop-first inside", &lines);
    explore(&scenario.edited(&with_file(good("2", &lines))).act(deploy()));
}

#[test]
fn what_was_made_by_hand_has_its_names_too_until_it_is_replaced() {
    let changed = with_file(good("1", &["environment: {A: b}"]));
    let scenario = behind("made by hand inside", &[]).edited(&changed);
    let stack = scenario.reference().clone();
    let scenario = scenario.changed(|machine| {
        machine.with(|world| world.compose_up(&stack)).unwrap();
    });
    assert_eq!(names(&scenario.machine()), (true, true));
    let scenario = scenario.edited(&with_file(good("2", &["environment: {A: b}"]))).act(deploy());
    explore(&scenario);
    assert_eq!(names(&scenario.done(&deploy()).machine()), (false, true));
}

#[test]
fn a_rollback_to_before_the_gateway_gives_the_names_back() {
    explore(&behind("rollback to names", &[]).act(rollback()));
}

#[test]
fn a_service_that_is_not_to_be_carried_any_more_has_its_names_again() {
    let other = with_file(good("1", &[DIRECT]));
    let scenario = behind("inside no more", &[]).edited(&other).act(deploy());
    explore(&scenario);
    assert_eq!(names(&scenario.done(&deploy()).machine()), (true, false));
}

#[test]
fn a_rollback_between_releases_of_the_gateway_leads_back() {
    let scenario = behind("rollback inside", &[]).done(&deploy());
    let scenario = scenario.edited(&with_file(good("2", &[]))).done(&deploy());
    let (target, monitor) = (Some("r2".to_owned()), options().monitor);
    let options = RollbackOptions { target, monitor, ..RollbackOptions::default() };
    let scenario = scenario.act(Act::Rollback(options));
    assert_eq!(scenario.explore().interrupted, BTreeSet::new());
    explore(&scenario);
}
