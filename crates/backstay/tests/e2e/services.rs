//! How services are replaced: side by side, by a swap, one that came, one that went, one that stayed.

use backstay_testkit::load::Load;

use crate::harness::{Stack, inner, lines, page, patient, port, web};

#[test]
fn a_service_without_host_ports_is_replaced_without_a_failed_request() {
    let Some(stack) = Stack::new("beside") else { return };
    let port = port();
    let front = web("front", port) + "    environment: {UPSTREAM: \"http://back:8080/version\"}\n";
    let front = front.replace("VERSION: \"${VERSION:-1}\"", "VERSION: \"1\"");
    stack.mode("front", "ok").mode("back", "ok").write(".env", "VERSION=1\n");
    stack.compose_file(&(front + &inner("back")));
    stack.backstay(&["deploy"]).ends(0);
    let (front, back) = (stack.id("front"), stack.id("back"));
    stack.write(".env", "VERSION=2\n");
    let urls = [format!("http://127.0.0.1:{port}/via")];
    let load = Load::start_at(&urls, patient(2)).unwrap();
    stack.backstay(&["deploy"]).ends(0);
    let report = load.stop();
    assert_eq!(stack.id("front"), front);
    assert_ne!(stack.id("back"), back);
    assert_eq!(page(port, "/via").as_deref(), Some("2"));
    assert_eq!(report.failures(), 0, "{report:?}");
    let name = lines(&[
        "inspect",
        "-f",
        "{{.Name}} {{index .Config.Labels \"com.docker.compose.container-number\"}}",
        &stack.id("back"),
    ]);
    assert_eq!(name, [format!("/{}-back-1 1", stack.project)]);
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn replicas_grow_and_shrink_and_are_replaced() {
    let Some(stack) = Stack::new("replicas") else { return };
    let services =
        |n: u32| inner("work").replace("deploy: {", &format!("deploy: {{replicas: {n}, "));
    stack.mode("work", "ok").write(".env", "VERSION=1\n").compose_file(&services(2));
    stack.backstay(&["deploy"]).ends(0);
    let ids = |stack: &Stack| -> Vec<String> { stack.picture().containers };
    let two = ids(&stack);
    assert_eq!(two.len(), 2);
    stack.compose_file(&services(3));
    stack.backstay(&["deploy"]).ends(0);
    let three = ids(&stack);
    assert_eq!(three.len(), 3);
    assert!(two.iter().all(|line| three.contains(line)), "{two:?} {three:?}");
    stack.write(".env", "VERSION=2\n");
    stack.backstay(&["deploy"]).ends(0);
    assert!(three.iter().all(|line| !ids(&stack).contains(line)));
    assert_eq!(ids(&stack).len(), 3);
    stack.compose_file(&services(1));
    stack.backstay(&["deploy"]).ends(0);
    assert_eq!(ids(&stack).len(), 1);
    assert!(stack.leftovers().is_empty());
}

#[test]
fn a_deploy_without_a_change_does_nothing() {
    let Some(stack) = Stack::new("same") else { return };
    let port = port();
    stack.mode("one", "ok").compose_file(&web("one", port));
    stack.backstay(&["deploy"]).ends(0);
    let before = stack.picture();
    stack.backstay(&["deploy"]).ends(0);
    assert_eq!(stack.picture(), before);
    assert!(!stack.backstay(&["backups"]).ends(0).screen.contains("[1]"));
}

#[test]
fn a_good_release_on_a_host_port_costs_at_most_the_swap() {
    let Some(stack) = Stack::new("swap") else { return };
    let port = port();
    stack.mode("one", "ok").write(".env", "VERSION=1\n").compose_file(&web("one", port));
    stack.backstay(&["deploy"]).ends(0);
    stack.write(".env", "VERSION=2\n");
    // Whoever comes in between does not wait for what has gone.
    let load = Load::start(&[format!("http://127.0.0.1:{port}/version")], 1).unwrap();
    stack.backstay(&["deploy"]).ends(0);
    let load = load.stop();
    assert_eq!(page(port, "/version").as_deref(), Some("2"));
    let versions = &load.urls[0].versions;
    assert_eq!(versions, &["1", "2"], "{load:?}");
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_one_shot_service_runs_once_for_each_release() {
    let Some(stack) = Stack::new("oneshot") else { return };
    let port = port();
    let once = "  migrate:\n    build: {context: ., args: {SERVICE: migrate, VERSION: \"${VERSION:-1}\"}}\n    command: [oneshot, \"0\"]\n";
    let main = web("one", port)
        + "    depends_on: {migrate: {condition: service_completed_successfully}}\n";
    stack.mode("one", "ok").mode("migrate", "ok").write(".env", "VERSION=1\n");
    stack.compose_file(&(main + once));
    stack.backstay(&["deploy"]).ends(0);
    stack.write(".env", "VERSION=2\n");
    stack.backstay(&["deploy"]).ends(0);
    assert_eq!(page(port, "/version").as_deref(), Some("2"));
    stack.compose_file(
        &stack
            .read("docker-compose.yml")
            .split_once("services:\n")
            .unwrap()
            .1
            .replace("\"0\"", "\"4\""),
    );
    let before = stack.picture();
    stack.backstay(&["deploy"]).ends(10).says("migrate");
    assert_eq!(stack.picture(), before);
}

#[test]
fn a_dry_run_touches_nothing() {
    let Some(stack) = Stack::new("dry") else { return };
    stack.mode("one", "ok").compose_file(&web("one", port()));
    let before = stack.picture();
    stack.backstay(&["deploy", "--dry-run"]).ends(0).says("one");
    assert_eq!(stack.picture(), before);
    assert!(!stack.path().join(".backup").exists());
}
