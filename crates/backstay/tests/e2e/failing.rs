//! A release that fails costs nothing.

use crate::harness::{Stack, inner, page, port, under_load, web};

/// Deploys v1 of a stack of two, then fails to deploy what `spoil` makes of it.
fn fails(name: &str, says: &str, monitor: &str, spoil: impl FnOnce(&Stack)) {
    let Some(stack) = Stack::new(name) else { return };
    let ports = [port(), port()];
    stack.mode("one", "ok").mode("two", "ok").write(".env", "VERSION=1\n");
    let services = web("one", ports[0]) + &web("two", ports[1]);
    stack.compose_file(&services.replace("monitor: 1s", monitor));
    stack.backstay(&["deploy"]).ends(0);
    stack.write(".env", "VERSION=2\n");
    spoil(&stack);
    let before = stack.picture();
    let (run, load) = under_load(&ports, || stack.backstay(&["deploy"]));
    run.ends(10).says(says);
    assert_eq!(load.failures(), 0, "{load:?}");
    assert!(load.requests() > 50, "{load:?}");
    assert_eq!(stack.picture(), before);
    assert_eq!(page(ports[0], "/version").as_deref(), Some("1"));
    let up = stack.compose(&["up", "-d", "--no-build"]);
    assert!(!up.contains("Recreate"), "{up}");
}

#[test]
fn a_release_that_does_not_build_costs_nothing() {
    fails("build", "two", "monitor: 1s", |stack| {
        let dockerfile = stack.read("Dockerfile");
        stack.write("Dockerfile", &format!("{dockerfile}COPY no-such-file-${{SERVICE}} /\n"));
    });
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_second_service_that_exits_at_start_costs_nothing() {
    fails("exit", "two", "monitor: 1s", |stack| {
        stack.mode("two", "exit:3");
    });
}

#[test]
fn a_release_that_is_never_healthy_costs_nothing() {
    fails("health", "two", "monitor: 1s", |stack| {
        stack.mode("two", "never-healthy");
    });
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_release_that_crashes_three_seconds_after_its_start_costs_nothing() {
    fails("later", "one", "monitor: 5s", |stack| {
        stack.mode("one", "crash-after:3000");
    });
}

#[test]
fn a_first_deployment_that_fails_removes_what_it_made() {
    let Some(stack) = Stack::new("first") else { return };
    let compose = web("one", port()) + "    volumes: [\"data:/data\"]\nvolumes: {data: {}}\n";
    stack.mode("one", "exit:3").compose_file(&compose);
    let before = stack.picture();
    stack.backstay(&["deploy"]).ends(10);
    assert_eq!(stack.picture(), before);
    let label = format!("label=com.docker.compose.project={}", stack.project);
    let volumes = crate::harness::lines(&["volume", "ls", "-q", "--filter", &label]);
    assert_eq!(volumes.len(), 1, "no volume is ever removed");
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_release_whose_own_check_fails_costs_nothing() {
    let Some(stack) = Stack::new("check") else { return };
    let port = port();
    let check = |version: &str| {
        format!(
            "    x-backstay: {{health: {{http: {{url: \"http://localhost:{port}/version\", body: \"{version}\"}}, \
             interval: 100ms, start_period: 1s, retries: 2}}}}\n"
        )
    };
    stack.mode("one", "ok").write(".env", "VERSION=1\n");
    stack.compose_file(&(web("one", port) + &check("1")));
    stack.backstay(&["deploy"]).ends(0);
    stack.write(".env", "VERSION=2\n");
    let before = stack.picture();
    stack.backstay(&["deploy"]).ends(10).says("/version` fails: status 200");
    assert_eq!(stack.picture(), before);
    stack.compose_file(&(web("one", port) + &check("2")));
    stack.backstay(&["deploy"]).ends(0);
}

/// All services of an update are one transaction; the others are not touched at all.
#[test]
#[ignore = "long: cargo xtask test --all"]
fn an_update_whose_second_service_fails_costs_nothing() {
    let Some(stack) = Stack::new("update") else { return };
    let (a, b) = (port(), port());
    stack.mode("a", "ok").mode("b", "ok").mode("c", "ok").write(".env", "VERSION=1\n");
    stack.compose_file(&(web("a", a) + &web("b", b) + &inner("c")));
    stack.backstay(&["deploy"]).ends(0);
    stack.write(".env", "VERSION=2\n");
    for mode in ["exit:3", "never-healthy", "crash-after:500"] {
        stack.mode("b", mode);
        let before = stack.picture();
        let update = || stack.backstay(&["update", "--services", "a,b", "--force"]);
        let (ended, load) = under_load(&[a, b], update);
        ended.ends(10).says("Update failed, rolling back...");
        assert_eq!(load.failures(), 0, "{mode}: {load:?}");
        assert_eq!(stack.picture(), before, "{mode}");
    }
    std::fs::remove_file(stack.path().join("b.mode")).unwrap();
    let before = stack.picture();
    let (ended, load) =
        under_load(&[a, b], || stack.backstay(&["update", "--services", "a,b", "--force"]));
    ended.ends(10).says("Image build of b failed");
    assert_eq!((load.failures(), stack.picture()), (0, before), "{load:?}");
}
