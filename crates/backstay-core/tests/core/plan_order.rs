//! In which order a plan goes about it: dependencies first, and a host port only when it is free.

use backstay_core::engine::Status;
use backstay_core::plan::{Action, Step};

use crate::stacks::{World, action, kinds, turn};

fn publishing(services: &[(&str, u16, &str)]) -> String {
    let body = services.iter().map(|(name, port, more)| {
        format!("  {name}: {{build: {{context: /x}}, ports: [{{target: 80, published: \"{port}\", protocol: tcp}}]{more}}}\n")
    });
    format!("services:\n{}", body.collect::<String>())
}

const CHAIN: &str = "
services:
  a-front: {build: {context: /x}, depends_on: {m-api: {condition: service_healthy}}}
  m-api: {build: {context: /x}, depends_on: {z-db: {condition: service_started}, job: {condition: service_completed_successfully}}}
  job: {build: {context: /x}}
  z-db: {image: postgres}
  alone: {build: {context: /x}}
";

#[test]
fn dependencies_come_first_and_independent_services_go_together() {
    let plan = World::empty(CHAIN).plan();
    let waves = [vec!["alone", "job", "z-db"], vec!["m-api"], vec!["a-front"]];
    let replaced: Vec<Vec<&str>> = plan
        .steps
        .iter()
        .filter_map(|step| match step {
            Step::Replace { services } => Some(services.iter().map(String::as_str).collect()),
            _ => None,
        })
        .collect();
    assert_eq!(replaced, waves);
    let Step::Create { services } = &plan.steps[0] else { panic!("{plan:?}") };
    assert_eq!(services, &["alone", "job", "z-db", "m-api", "a-front"]);
}

#[test]
fn only_what_changes_takes_part_in_the_order() {
    let plan = World::up(CHAIN).new_image("a-front").new_image("z-db").plan();
    assert!(turn(&plan, "z-db") < turn(&plan, "a-front"));
    assert_eq!(kinds(&plan).iter().filter(|kind| **kind == "replace").count(), 2);
}

#[test]
fn a_dependency_that_is_not_part_of_the_model_is_no_obstacle() {
    let yaml = "services: {web: {build: {context: /x}, depends_on: {gone: {condition: service_started, required: false}}}}";
    let plan = World::empty(yaml).plan();
    assert_eq!(turn(&plan, "web"), 1);
}

#[test]
fn a_lender_comes_before_its_borrower() {
    let yaml = "services: {a: {image: a, network_mode: \"service:b\"}, b: {image: b}}";
    let plan = World::empty(yaml).plan();
    assert!(turn(&plan, "b") < turn(&plan, "a"));
}

#[test]
fn a_service_that_takes_over_a_port_waits_until_it_is_free() {
    // By name alone `a` would come first.
    let plan = World::up(&publishing(&[("a", 8080, ""), ("b", 8081, "")]))
        .becomes(&publishing(&[("a", 8081, ""), ("b", 8082, "")]))
        .new_definition("a")
        .new_definition("b")
        .plan();
    assert!(turn(&plan, "b") < turn(&plan, "a"));
}

#[test]
fn a_chain_of_ports_moves_from_its_free_end() {
    let plan = World::up(&publishing(&[("a", 1, ""), ("b", 2, ""), ("c", 3, "")]))
        .becomes(&publishing(&[("a", 2, ""), ("b", 3, ""), ("c", 4, "")]))
        .new_definition("a")
        .new_definition("b")
        .new_definition("c")
        .plan();
    assert!(turn(&plan, "c") < turn(&plan, "b"));
    assert!(turn(&plan, "b") < turn(&plan, "a"));
}

#[test]
fn a_port_in_a_range_counts_as_taken_too() {
    let ranged = |range: &str| {
        format!(
            "services:\n  a: {{build: {{context: /x}}, ports: [{{target: 80, published: \"{range}\", protocol: tcp}}]}}\n  b: {{build: {{context: /x}}}}\n"
        )
    };
    let plan = World::up(&publishing(&[("a", 1, ""), ("b", 8083, "")]))
        .becomes(&ranged("8080-8090"))
        .new_definition("a")
        .new_definition("b")
        .plan();
    assert!(turn(&plan, "b") < turn(&plan, "a"));
}

#[test]
fn the_same_number_of_another_protocol_is_another_port() {
    let with = |a: &str, b: &str| {
        format!(
            "services:\n  a: {{build: {{context: /x}}, ports: [{{target: 80, published: \"53\", protocol: {a}}}]}}\n  b: {{build: {{context: /x}}, ports: [{{target: 80, published: \"53\", protocol: {b}}}]}}\n"
        )
    };
    let plan = World::up(&with("udp", "tcp")).new_image("a").new_image("b").plan();
    assert_eq!(turn(&plan, "a"), turn(&plan, "b"));
}

#[test]
fn a_removed_service_gives_its_port_up_before_another_takes_it() {
    let plan = World::up(&publishing(&[("old", 8080, "")]))
        .becomes(&publishing(&[("new", 8080, "")]))
        .plan();
    assert_eq!(action(&plan, "old"), &Action::Remove);
    assert_eq!(action(&plan, "new"), &Action::Add);
    assert_eq!(kinds(&plan), ["create", "rehearse", "remove", "replace", "bake", "verify"]);
}

#[test]
fn a_removed_service_whose_port_nobody_wants_goes_last() {
    let plan = World::up(&publishing(&[("old", 8080, "")]))
        .becomes(&publishing(&[("new", 8081, "")]))
        .plan();
    assert_eq!(kinds(&plan), ["create", "rehearse", "replace", "remove", "bake", "verify"]);
}

#[test]
fn a_service_that_stays_hands_no_port_over() {
    let world = World::up(&publishing(&[("a", 8080, ""), ("b", 8081, "")])).new_image("a");
    assert_eq!(kinds(&world.plan()), ["create", "rehearse", "replace", "bake", "verify"]);
}

#[test]
fn two_services_that_trade_their_ports_are_planned() {
    let plan = World::up(&publishing(&[("a", 1, ""), ("b", 2, "")]))
        .becomes(&publishing(&[("a", 2, ""), ("b", 1, "")]))
        .new_definition("a")
        .new_definition("b")
        .plan();
    assert_eq!(turn(&plan, "a"), turn(&plan, "b"));
}

#[test]
fn a_dependency_takes_a_port_over_only_when_its_dependent_has_given_it_up() {
    let depends = ", depends_on: {app: {condition: service_started}}";
    let plan = World::up(&publishing(&[("app", 8080, ""), ("proxy", 80, depends)]))
        .becomes(&publishing(&[("app", 80, ""), ("proxy", 8081, depends)]))
        .new_definition("app")
        .new_definition("proxy")
        .plan();
    // Both stop before one starts: the dependency can't come after its dependent.
    assert_eq!(turn(&plan, "proxy"), turn(&plan, "app"), "port 80 is taken: {plan:?}");
}

#[test]
fn a_stopped_dependency_is_up_before_its_dependent_is_tried() {
    let plan = World::up(CHAIN).with_status("z-db", Status::Exited, 137).new_image("m-api").plan();
    let start = plan.steps.iter().position(|step| matches!(step, Step::Start { .. })).unwrap();
    let tried = plan.steps.iter().position(|step| matches!(step, Step::Rehearse { .. })).unwrap();
    assert!(start < tried, "m-api is rehearsed while its database is down: {:?}", kinds(&plan));
}

#[test]
fn stopped_services_are_started_in_the_order_of_dependencies() {
    let world = World::up(
        "services: {a: {image: a, restart: always, depends_on: {b: {condition: service_healthy}}}, b: {image: b, restart: always}}",
    );
    let plan = world.with_status("a", Status::Exited, 0).with_status("b", Status::Exited, 0).plan();
    assert_eq!(plan.steps[0], Step::Start { services: vec!["b".into(), "a".into()] });
}

#[test]
fn a_stopped_service_starts_only_when_its_port_is_free() {
    let mut world = World::up(&publishing(&[("new", 80, ""), ("old", 80, "")]))
        .becomes(&publishing(&[("new", 80, "")]));
    world.of_service_mut("new")[0].state.status = Status::Created;
    let plan = world.plan();
    assert!(turn(&plan, "old") < turn(&plan, "new"), "{:?}", kinds(&plan));
}

#[test]
fn who_waits_for_a_port_keeps_the_one_waiting_that_takes_its_own() {
    // `back` takes 2 from `front`, which needs `back`; `front` takes 3 from `other`.
    let needs = ", depends_on: {back: {condition: service_started}}";
    let before = [("back", 1, ""), ("front", 2, needs), ("other", 3, "")];
    let after = [("back", 2, ""), ("front", 3, needs), ("other", 4, "")];
    let plan = World::up(&publishing(&before))
        .becomes(&publishing(&after))
        .new_definition("back")
        .new_definition("front")
        .new_definition("other")
        .plan();
    assert!(turn(&plan, "other") <= turn(&plan, "front"), "{:?}", plan.steps);
    assert!(turn(&plan, "front") <= turn(&plan, "back"), "port 2 is taken: {:?}", plan.steps);
}

#[test]
fn a_service_that_gives_a_port_up_still_comes_after_what_it_depends_on() {
    // `back`, then `front`, then `other` is an order that satisfies everybody.
    let needs = ", depends_on: {back: {condition: service_healthy}}";
    let before = [("back", 1, ""), ("front", 2, needs), ("other", 3, "")];
    let after = [("back", 5, ""), ("front", 4, needs), ("other", 2, "")];
    let plan = World::up(&publishing(&before))
        .becomes(&publishing(&after))
        .new_definition("back")
        .new_definition("front")
        .new_definition("other")
        .plan();
    assert!(turn(&plan, "back") < turn(&plan, "front"), "{:?}", plan.steps);
    assert!(turn(&plan, "front") < turn(&plan, "other"), "{:?}", plan.steps);
}
