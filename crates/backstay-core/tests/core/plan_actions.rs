//! What a plan does to each service: stay, come, go, be replaced, be started.

use backstay_core::engine::Status;
use backstay_core::plan::{Action, Method, Plan, Reason, Step};

use crate::stacks::{World, action, change, container, image, kinds, method};

const TWO: &str = "services: {web: {build: {context: /w}}, db: {image: postgres:16}}";

fn replaces(service: &str) -> Step {
    Step::Replace { services: vec![service.to_owned()] }
}

#[test]
fn an_unchanged_stack_is_only_verified() {
    let plan = World::up(TWO).plan();
    assert_eq!(plan.steps, [Step::Verify]);
    assert!(plan.is_empty());
    assert!(plan.changes.iter().all(|c| c.action == Action::Keep && c.method == Method::None));
}

#[test]
fn a_stack_of_no_services_is_only_verified() {
    let plan = World::up("services: {}").plan();
    assert_eq!(plan.steps, [Step::Verify]);
    assert!(plan.changes.is_empty());
}

#[test]
fn a_new_image_replaces_its_service_and_leaves_the_other() {
    let plan = World::up(TWO).new_image("web").plan();
    assert_eq!(action(&plan, "web"), &Action::Replace);
    assert_eq!(
        change(&plan, "web").reasons,
        [Reason::Image { from: image("web", "1"), to: image("web", "2") }]
    );
    assert_eq!(action(&plan, "db"), &Action::Keep);
    assert_eq!(
        plan.steps,
        [
            Step::Create { services: vec!["web".into()] },
            Step::Rehearse { waves: vec![vec!["web".into()]] },
            replaces("web"),
            Step::Bake { services: vec!["web".into()] },
            Step::Verify,
        ]
    );
}

#[test]
fn a_new_definition_replaces_its_service() {
    let plan = World::up(TWO).new_definition("db").plan();
    assert_eq!(change(&plan, "db").reasons, [Reason::Definition]);
    assert_eq!(kinds(&plan), ["create", "replace", "bake", "verify"]);
    assert_eq!(plan.steps[1], replaces("db"));
    assert_eq!(action(&plan, "web"), &Action::Keep);
}

#[test]
fn one_container_of_another_image_is_enough_to_replace_all() {
    let mut world = World::up("services: {web: {build: {context: /w}, deploy: {replicas: 3}}}");
    world.running.containers[2].image = "sha256:other".into();
    let plan = world.plan();
    assert_eq!(
        change(&plan, "web").reasons,
        [Reason::Image { from: "sha256:other".into(), to: image("web", "1") }]
    );
}

#[test]
fn a_container_without_a_fingerprint_has_the_one_that_is_known_of_it() {
    let mut world = World::up("services: {web: {build: {context: /w}}}");
    let known = world.running.containers[0].fingerprint.take().unwrap();
    assert_eq!(action(&world.plan(), "web"), &Action::Replace);
    let id = world.running.containers[0].id.clone();
    world.running.fingerprints.insert(id.clone(), known);
    assert_eq!(action(&world.plan(), "web"), &Action::Keep);
    world.running.fingerprints.insert(id, "another".into());
    assert_eq!(change(&world.plan(), "web").reasons, [Reason::Definition]);
}

#[test]
fn its_own_fingerprint_rules_before_the_one_that_is_known_of_it() {
    let mut world = World::up("services: {web: {build: {context: /w}}}");
    let id = world.running.containers[0].id.clone();
    world.running.fingerprints.insert(id, "another".into());
    assert_eq!(action(&world.plan(), "web"), &Action::Keep);
}

#[test]
fn a_dead_container_is_replaced() {
    let plan = World::up(TWO).with_status("web", Status::Dead, 0).plan();
    assert_eq!(action(&plan, "web"), &Action::Replace);
    assert_eq!(change(&plan, "web").reasons, [Reason::NotRunning]);
}

#[test]
fn an_image_that_is_not_built_yet_says_so_and_touches_nothing() {
    let mut world = World::up(TWO);
    world.images.insert("web".into(), None);
    let plan = world.plan();
    assert_eq!(action(&plan, "web"), &Action::BuildFirst);
    assert_eq!(method(&plan, "web"), Method::Beside);
    assert_eq!(plan.steps, [Step::Verify]);
}

#[test]
fn a_new_definition_is_known_before_the_image_is_built() {
    let mut world = World::up(TWO).new_definition("web");
    world.images.insert("web".into(), None);
    assert_eq!(action(&world.plan(), "web"), &Action::Replace);
}

#[test]
fn a_first_deployment_adds_every_service() {
    let plan = World::empty(TWO).plan();
    assert!(plan.changes.iter().all(|change| change.action == Action::Add));
    // There is nothing to protect.
    assert!(plan.changes.iter().all(|change| change.method == Method::StopFirst));
    assert_eq!(kinds(&plan), ["create", "replace", "bake", "verify"]);
}

#[test]
fn an_added_service_comes_and_the_others_stay() {
    let plan = World::up("services: {db: {image: postgres:16}}").becomes(TWO).plan();
    assert_eq!(action(&plan, "web"), &Action::Add);
    assert_eq!(action(&plan, "db"), &Action::Keep);
    assert_eq!(plan.steps[0], Step::Create { services: vec!["web".into()] });
}

#[test]
fn a_service_without_containers_that_should_have_none_stays_so() {
    let plan = World::empty("services: {web: {image: w, scale: 0}}").plan();
    assert_eq!(action(&plan, "web"), &Action::Keep);
    assert!(plan.is_empty());
}

#[test]
fn a_removed_service_goes_after_the_others_were_replaced() {
    let plan =
        World::up(TWO).becomes("services: {web: {build: {context: /w}}}").new_image("web").plan();
    assert_eq!(action(&plan, "db"), &Action::Remove);
    assert_eq!(kinds(&plan), ["create", "rehearse", "replace", "remove", "bake", "verify"]);
    assert_eq!(plan.steps[3], Step::Remove { services: vec!["db".into()] });
}

#[test]
fn removing_the_only_change_needs_nothing_new() {
    let plan = World::up(TWO).becomes("services: {web: {build: {context: /w}}}").plan();
    assert_eq!(plan.steps, [Step::Remove { services: vec!["db".into()] }, Step::Verify]);
}

#[test]
fn more_replicas_come_beside_those_that_stay() {
    let one = "services: {web: {build: {context: /w}}}";
    let three = "services: {web: {build: {context: /w}, deploy: {replicas: 3}}}";
    let plan = World::up(one).becomes(three).plan();
    assert_eq!(action(&plan, "web"), &Action::Scale { from: 1, to: 3 });
    assert_eq!(kinds(&plan), ["create", "rehearse", "replace", "bake", "verify"]);
}

#[test]
fn fewer_replicas_need_no_new_container() {
    let one = "services: {web: {build: {context: /w}}}";
    let three = "services: {web: {build: {context: /w}, deploy: {replicas: 3}}}";
    let plan = World::up(three).becomes(one).plan();
    assert_eq!(action(&plan, "web"), &Action::Scale { from: 3, to: 1 });
    assert_eq!(plan.steps, [replaces("web"), Step::Verify]);
}

#[test]
fn no_replicas_leave_none() {
    let plan = World::up("services: {web: {image: w}}")
        .becomes("services: {web: {image: w, scale: 0}}")
        .plan();
    assert_eq!(action(&plan, "web"), &Action::Scale { from: 1, to: 0 });
    assert_eq!(plan.steps, [replaces("web"), Step::Verify]);
}

#[test]
fn a_changed_service_that_is_scaled_too_is_replaced() {
    let plan = World::up("services: {web: {build: {context: /w}}}")
        .becomes("services: {web: {build: {context: /w}, scale: 2}}")
        .new_image("web")
        .plan();
    assert_eq!(action(&plan, "web"), &Action::Replace);
}

#[test]
fn stopped_containers_are_started_and_watched() {
    for (status, code) in [(Status::Exited, 137), (Status::Exited, 1), (Status::Created, 0)] {
        let plan = World::up(TWO).with_status("db", status, code).plan();
        assert_eq!(action(&plan, "db"), &Action::Start);
        assert_eq!(change(&plan, "db").reasons, [Reason::NotRunning]);
        let db = || vec!["db".to_owned()];
        assert_eq!(
            plan.steps,
            [Step::Start { services: db() }, Step::Bake { services: db() }, Step::Verify]
        );
    }
}

#[test]
fn one_stopped_container_of_several_is_started() {
    let mut world = World::up("services: {web: {image: w, scale: 3}}");
    world.running.containers[1].state.status = Status::Exited;
    world.running.containers[1].state.exit_code = 2;
    assert_eq!(action(&world.plan(), "web"), &Action::Start);
}

#[test]
fn what_the_engine_restarts_by_itself_is_not_started() {
    for status in [Status::Restarting, Status::Paused] {
        assert!(World::up(TWO).with_status("web", status, 1).plan().is_empty());
    }
}

#[test]
fn a_one_shot_service_that_ended_well_stays() {
    for policy in ["", ", restart: \"no\"", ", restart: on-failure"] {
        let yaml = format!("services: {{job: {{image: job{policy}}}}}");
        let plan = World::up(&yaml).with_status("job", Status::Exited, 0).plan();
        assert!(plan.is_empty(), "{policy}: {plan:?}");
    }
}

#[test]
fn what_should_live_is_started_though_it_ended_well() {
    let bodies = [
        "restart: always",
        "restart: unless-stopped",
        "deploy: {restart_policy: {condition: any}}",
        "ports: [{target: 80, published: \"80\", protocol: tcp}]",
        "healthcheck: {test: [CMD, x]}",
    ];
    for body in bodies {
        let yaml = format!("services: {{web: {{image: w, {body}}}}}");
        let plan = World::up(&yaml).with_status("web", Status::Exited, 0).plan();
        assert_eq!(action(&plan, "web"), &Action::Start, "{body}");
    }
}

#[test]
fn a_one_shot_service_that_failed_is_started_again() {
    let plan = World::up("services: {job: {image: job}}").with_status("job", Status::Exited, 3);
    assert_eq!(action(&plan.plan(), "job"), &Action::Start);
}

#[test]
fn stale_tags_alone_are_moved_and_verified() {
    let mut world = World::up(TWO);
    world.running.stale_tags.insert("shop-web".into());
    let plan = world.plan();
    assert_eq!(plan.steps, [Step::Tags, Step::Verify]);
    assert!(!plan.is_empty());
    assert!(plan.changes.iter().all(|change| change.action == Action::Keep));
}

#[test]
fn tags_move_before_containers_are_created_from_them() {
    let mut world = World::up(TWO).new_image("web");
    world.running.stale_tags.insert("shop-web".into());
    assert_eq!(kinds(&world.plan())[..2], ["tags", "create"]);
}

#[test]
fn what_is_not_asked_for_is_left_alone() {
    let world = World::up(TWO).new_image("web").new_definition("db").only(&["web"]);
    let plan = world.plan();
    assert_eq!(action(&plan, "web"), &Action::Replace);
    assert_eq!(action(&plan, "db"), &Action::Keep);
    assert_eq!(plan.steps[2], replaces("web"));
}

#[test]
fn a_service_that_is_gone_is_left_alone_where_only_some_are_asked_for() {
    let world = World::up(TWO).becomes("services: {web: {build: {context: /w}}}").only(&["web"]);
    let plan = world.plan();
    assert!(plan.is_empty());
    assert!(plan.change("db").is_none());
}

#[test]
fn a_service_that_is_missing_is_not_added_unless_it_is_asked_for() {
    let plan = World::empty(TWO).only(&["db"]).plan();
    assert_eq!(action(&plan, "web"), &Action::Keep);
    assert_eq!(action(&plan, "db"), &Action::Add);
}

const BORROWER: &str = "services: {web: {build: {context: /w}}, side: {image: s, network_mode: \"service:web\"}, far: {image: f, pid: \"service:side\"}}";

#[test]
fn a_borrower_follows_its_lender_and_so_on() {
    let plan = World::up(BORROWER).new_image("web").plan();
    for (name, lender) in [("side", "web"), ("far", "side")] {
        assert_eq!(action(&plan, name), &Action::Replace);
        assert_eq!(change(&plan, name).reasons, [Reason::Borrows { service: lender.into() }]);
    }
    assert_eq!(
        kinds(&plan),
        ["create", "rehearse", "replace", "replace", "replace", "bake", "verify"]
    );
}

#[test]
fn a_borrower_follows_even_where_it_is_not_asked_for() {
    let plan = World::up(BORROWER).new_image("web").only(&["web"]).plan();
    assert_eq!(action(&plan, "side"), &Action::Replace);
    assert_eq!(action(&plan, "far"), &Action::Replace);
}

#[test]
fn a_borrower_that_does_not_run_is_not_made_by_an_update_of_its_lender() {
    let mut world = World::up(BORROWER).new_image("web").only(&["web"]);
    world.running.containers.retain(|container| container.service == "web");
    let plan = world.plan();
    assert_eq!(action(&plan, "side"), &Action::Keep);
    assert_eq!(action(&plan, "far"), &Action::Keep);
}

#[test]
fn a_lender_does_not_follow_its_borrower() {
    let plan = World::up(BORROWER).new_definition("side").plan();
    assert_eq!(action(&plan, "web"), &Action::Keep);
    assert_eq!(action(&plan, "far"), &Action::Replace);
}

#[test]
fn a_borrower_follows_a_lender_whose_container_was_lost() {
    let mut world = World::up(BORROWER);
    world.running.containers.retain(|container| container.service != "web");
    let plan = world.plan();
    assert_eq!(action(&plan, "web"), &Action::Add);
    assert_eq!(action(&plan, "side"), &Action::Replace, "its network went with the old container");
}

#[test]
fn a_stopped_container_is_started_where_replicas_are_added_too() {
    let mut world = World::up("services: {web: {image: w, scale: 2}}")
        .becomes("services: {web: {image: w, scale: 3}}");
    world.running.containers[0].state.status = Status::Exited;
    world.running.containers[0].state.exit_code = 1;
    let plan: Plan = world.plan();
    let mended = matches!(action(&plan, "web"), Action::Replace)
        || plan.steps.iter().any(|step| matches!(step, Step::Start { .. }));
    assert!(mended, "the first container would still be down at the end: {plan:?}");
}

#[test]
fn two_services_that_are_gone_go_together() {
    let mut world = World::up(TWO);
    world.running.containers.push(container("b", 1, "1"));
    world.running.containers.push(container("a", 1, "1"));
    world.running.containers.push(container("a", 2, "1"));
    let plan = world.plan();
    assert_eq!(plan.steps, [Step::Remove { services: vec!["a".into(), "b".into()] }, Step::Verify]);
}
