//! Who is rehearsed when, and who looks again where a replaced service is.

use backstay_core::engine::ImageFacts;
use backstay_core::engine::Status;
use backstay_core::plan::{Facts, Follower, Method, Plan, Step, When, Why};
use backstay_core::stack::Again;

use crate::stacks::{World, change, kinds};

fn rehearsals(plan: &Plan) -> Vec<Vec<Vec<String>>> {
    let steps = plan.steps.iter().filter_map(|step| match step {
        Step::Rehearse { waves } => Some(waves.clone()),
        _ => None,
    });
    steps.collect()
}

#[test]
fn a_one_shot_that_others_await_runs_before_them_in_the_rehearsal() {
    let yaml = "services: {migrate: {image: app}, web: {build: {context: /w}, depends_on: {migrate: {condition: service_completed_successfully}}}}";
    let world = World::up(yaml).with_status("migrate", Status::Exited, 0);
    let plan = world.new_image("web").new_image("migrate").plan();
    assert_eq!(change(&plan, "migrate").method, Method::Beside);
    assert_eq!(change(&plan, "migrate").why, [Why::OneShot]);
    assert_eq!(rehearsals(&plan), [[["migrate"], ["web"]]]);
}

#[test]
fn what_needs_the_new_version_of_another_service_is_proven_with_it() {
    let yaml = "services: {back: {build: {context: /b}}, front: {build: {context: /f}, depends_on: {back: {condition: service_healthy}}}}";
    let plan = World::up(yaml).new_image("back").new_image("front").plan();
    assert_eq!(rehearsals(&plan), [[["back"], ["front"]]]);
}

#[test]
fn what_depends_on_one_that_cannot_run_twice_is_proven_after_that_one_is_there() {
    let yaml = "services: {db: {image: postgres}, web: {build: {context: /w}, depends_on: {db: {condition: service_started}}}, other: {build: {context: /o}}}";
    let plan = World::up(yaml).new_image("db").new_image("web").new_image("other").plan();
    assert_eq!(
        kinds(&plan),
        ["create", "rehearse", "replace", "rehearse", "replace", "bake", "verify"]
    );
    assert_eq!(rehearsals(&plan), [[["other"]], [["web"]]]);
    // Where the database stays, it is there.
    let plan = World::up(yaml).new_image("web").plan();
    assert_eq!(rehearsals(&plan), [[["web"]]]);
}

fn proxy(proxy: &str) -> Plan {
    let yaml = format!(
        "services: {{app: {{build: {{context: /a}}, networks: {{default: null}}}}, proxy: {{networks: {{default: null}}, {proxy}}}}}"
    );
    World::up(&yaml).new_image("app").plan()
}

fn follower(how: Again, when: When) -> Follower {
    Follower { service: "proxy".into(), of: "app".into(), how, when }
}

fn reload() -> Again {
    Again::Signal { signal: "HUP".into(), renews: true }
}

#[test]
fn a_proxy_that_resolves_once_looks_again() {
    for body in
        ["image: nginx", "image: \"nginx:1.27-alpine\"", "image: nginxinc/nginx-unprivileged"]
    {
        let plan = proxy(body);
        assert_eq!(plan.followers, [follower(reload(), When::Moved)], "{body}");
        assert_eq!(kinds(&plan), ["create", "rehearse", "follow", "replace", "bake", "verify"]);
        // It loses no connection by that, so that the address need not stay.
        assert!(change(&plan, "app").keeps_address_for.is_empty());
    }
    assert_eq!(proxy("image: haproxy:3").followers, [follower(reload(), When::Moved)]);
}

#[test]
fn a_proxy_that_is_built_here_is_known_by_what_it_runs() {
    let yaml = "services: {app: {build: {context: /a}, networks: {d: null}}, proxy: {build: {context: /p}, networks: {d: null}}}";
    let mut world = World::up(yaml).new_image("app");
    let command = vec!["nginx".to_owned(), "-g".to_owned(), "daemon off;".to_owned()];
    let image = ImageFacts { command, ..ImageFacts::default() };
    world.facts.insert("proxy".into(), Facts { image: Some(image), ..Facts::default() });
    assert_eq!(world.plan().followers, [follower(reload(), When::Moved)]);
}

#[test]
fn who_depends_on_a_service_finds_it_at_its_address() {
    let plan = proxy("image: p, depends_on: {app: {condition: service_started}}");
    assert_eq!(plan.followers, [follower(Again::Restart, When::Moved)]);
    assert_eq!(change(&plan, "app").keeps_address_for, ["proxy"]);
}

#[test]
fn one_that_asks_each_time_needs_nothing() {
    assert!(
        proxy("image: traefik:v3, depends_on: {app: {condition: service_started}}")
            .followers
            .is_empty()
    );
    let never =
        "image: p, depends_on: {app: {condition: service_started}}, x-backstay: {follow: false}";
    assert!(proxy(never).followers.is_empty());
    assert!(proxy("image: p").followers.is_empty());
}

#[test]
fn restart_true_restarts_whatever_the_address() {
    let body = "image: p, depends_on: {app: {condition: service_started, restart: true}}";
    assert_eq!(proxy(body).followers, [follower(Again::Restart, When::Replaced)]);
}

#[test]
fn what_is_said_goes_before_what_is_known() {
    let body = "image: nginx, x-backstay: {follow: {services: [app], signal: USR2}}";
    let how = Again::Signal { signal: "USR2".into(), renews: false };
    assert_eq!(proxy(body).followers, [follower(how, When::Replaced)]);
}

#[test]
fn a_proxy_that_changes_too_comes_after_what_it_looks_up() {
    let yaml = "services: {zapp: {build: {context: /a}, networks: {d: null}}, proxy: {image: nginx, networks: {d: null}}}";
    let plan = World::up(yaml).new_image("zapp").new_image("proxy").plan();
    assert!(crate::stacks::turn(&plan, "zapp") < crate::stacks::turn(&plan, "proxy"));
    assert!(plan.followers.is_empty());
}
