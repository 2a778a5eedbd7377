//! The gateway on a real engine: no request is lost while containers change behind it.

use std::time::{Duration, Instant};

use backstay_testkit::load::{Load, LoadReport, Rate};

use crate::harness::{Run, Stack, is_podman, page, page_within, port, web};

/// Long enough for whoever is held.
pub(crate) const RATE: Rate = Rate {
    workers: 3,
    pause: Duration::from_millis(5),
    timeout: Duration::from_secs(15),
    limit: Duration::from_secs(300),
};

/// For the last service of a file: a release that takes long on a machine with other things to do is waited for.
const HELD_LONG: &str = "    x-backstay: {gateway: {hold: 60s}}\n";

/// For the last service of a file: what plain Compose does with old containers that are still up is another matter.
const NOTHING_WARM: &str = "    x-backstay: {gateway: {keep_warm: 0s}}\n";

/// A stack behind its gateway, where the engine can have one.
pub(crate) fn behind(name: &str, port: u16, more: &str) -> Option<Stack> {
    if is_podman_here() {
        return None;
    }
    let stack = Stack::new(name)?;
    assert!(
        std::env::var_os("BACKSTAY_GATEWAY").is_some(),
        "BACKSTAY_GATEWAY is not set; `cargo xtask test` sets it"
    );
    stack.mode("one", "ok").write(".env", "VERSION=1\n").compose_file(&(web("one", port) + more));
    stack.backstay(&["deploy"]).ends(0);
    let on = stack.backstay(&["gateway", "enable", "--yes"]).ends(0);
    on.says("The gateway holds the host ports");
    Some(stack)
}

/// A run while visitors come, of whom none is to notice.
pub(crate) fn unnoticed(stack: &Stack, port: u16, arguments: &[&str]) -> (Run, LoadReport) {
    unnoticed_at(RATE, stack, port, arguments)
}

/// The same of visitors who come at this rate.
fn unnoticed_at(rate: Rate, stack: &Stack, port: u16, arguments: &[&str]) -> (Run, LoadReport) {
    let load = Load::start_at(&[format!("http://127.0.0.1:{port}/version")], rate).unwrap();
    let run = stack.backstay(arguments);
    let report = load.stop();
    println!("{}: {} of {} failed", arguments.join(" "), report.failures(), report.requests());
    assert_eq!(report.failures(), 0, "{:?}\n{}", report.errors(), run.screen);
    assert!(report.requests() > 10, "{}", report.requests());
    (run, report)
}

fn is_idle(stack: &Stack) {
    assert!(stack.leftovers().is_empty(), "{:?}", stack.leftovers());
    let up = stack.compose(&["up", "-d", "--no-build"]);
    assert!(!up.contains("Recreate") && !up.contains("orphan"), "{up}");
}

/// The gateway is turned off, and nothing of it is left.
fn goes(stack: &Stack, port: u16) {
    stack.backstay(&["gateway", "disable", "--yes"]).ends(0);
    assert_eq!(page(port, "/version").as_deref(), Some("2"));
    assert!(!stack.path().join("docker-compose.override.yml").exists());
    assert!(stack.picture().containers.iter().all(|line| line.starts_with("one ")));
    is_idle(stack);
}

#[test]
fn nobody_notices_a_deploy_and_a_release_that_fails() {
    let port = port();
    let Some(stack) = behind("gateway-short", port, "") else { return };
    stack.write(".env", "VERSION=2\n").compose_file(&(web("one", port) + NOTHING_WARM));
    let told = unnoticed(&stack, port, &["deploy"]).0.ends(0);
    told.says("Through the gateway: ").says("none failed");
    assert_eq!(page(port, "/version").as_deref(), Some("2"));
    is_idle(&stack);

    stack.write(".env", "VERSION=3\n").mode("one", "crash-after:500");
    unnoticed(&stack, port, &["deploy"]).0.ends(10);
    assert_eq!(page(port, "/version").as_deref(), Some("2"));
    unnoticed(&stack, port, &["gateway", "upgrade"]).0.ends(0).says("goes on as version");

    stack.write(".env", "VERSION=2\n").mode("one", "ok");
    goes(&stack, port);
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn nobody_notices_a_deploy_a_release_that_fails_an_update_and_a_rollback() {
    let port = port();
    let Some(stack) = behind("gateway", port, "") else { return };
    stack.compose_file(&(web("one", port) + NOTHING_WARM));
    stack.backstay(&["deploy"]).ends(0);
    is_idle(&stack);
    assert_eq!(page(port, "/version").as_deref(), Some("1"));

    stack.write(".env", "VERSION=2\n");
    let told = unnoticed(&stack, port, &["deploy"]).0.ends(0);
    told.says("Through the gateway: ").says("none failed");
    assert_eq!(page(port, "/version").as_deref(), Some("2"));
    is_idle(&stack);

    for mode in ["never-healthy", "crash-after:500"] {
        stack.write(".env", "VERSION=3\n").mode("one", mode);
        unnoticed(&stack, port, &["deploy"]).0.ends(10);
        assert_eq!(page(port, "/version").as_deref(), Some("2"));
    }

    stack.write(".env", "VERSION=4\n").mode("one", "ok");
    unnoticed(&stack, port, &["update", "one", "--yes"]).0.ends(0);
    assert_eq!(page(port, "/version").as_deref(), Some("4"));
    is_idle(&stack);

    unnoticed(&stack, port, &["rollback", "--yes"]).0.ends(0);
    assert_eq!(page(port, "/version").as_deref(), Some("2"));
    is_idle(&stack);
    for _ in 0..3 {
        unnoticed(&stack, port, &["gateway", "upgrade"]).0.ends(0).says("goes on as version");
    }
    stack.backstay(&["gateway", "status"]).ends(0).says(&format!("0.0.0.0:{port}"));
    stack.backstay(&["gateway", "status", "--prometheus"]).ends(0).says("# TYPE");

    goes(&stack, port);
}

#[test]
fn a_service_that_can_not_run_twice_is_swapped_while_visitors_wait() {
    let port = port();
    let Some(stack) = behind("gatewayhold", port, "") else { return };
    let stop_first =
        web("one", port).replace("update_config: {", "update_config: {order: stop-first, ");
    stack.write(".env", "VERSION=2\n").compose_file(&(stop_first + HELD_LONG));
    let rate = Rate { timeout: Duration::from_secs(60), ..RATE };
    let (run, report) = unnoticed_at(rate, &stack, port, &["deploy"]);
    run.ends(0);
    assert_eq!(page(port, "/version").as_deref(), Some("2"));
    println!("the longest wait: {} ms", report.longest_outage().as_millis());

    // The new version does not come up: the old one is back, and those who waited are served.
    stack.write(".env", "VERSION=3\n").mode("one", "exit:3");
    unnoticed_at(rate, &stack, port, &["deploy"]).0.ends(10);
    assert_eq!(page(port, "/version").as_deref(), Some("2"));
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_run_that_is_killed_while_it_holds_leaves_nobody_waiting() {
    let port = port();
    let Some(stack) = behind("gatewaykill", port, "") else { return };
    let slow = web("one", port).replace("update_config: {", "update_config: {order: stop-first, ");
    stack.write(".env", "VERSION=2\n").mode("one", "never-healthy");
    stack.compose_file(&(slow + HELD_LONG));
    let old = stack.id("one");
    let mut run = stack.command(&["deploy"]).spawn().unwrap();
    // The old container has stopped: whoever comes now waits.
    let begin = Instant::now();
    while stack.ids("one").contains(&old) {
        assert!(begin.elapsed() < Duration::from_secs(120), "the old container was never stopped");
        std::thread::yield_now();
    }
    run.kill().unwrap();
    run.wait().unwrap();
    // Opened by itself: an answer, good or bad, comes before the minute of a hold is over.
    let begin = Instant::now();
    let _ = page_within(port, "/version", Duration::from_secs(90));
    assert!(begin.elapsed() < Duration::from_secs(40), "{:?}", begin.elapsed());
    stack.backstay(&["recover"]).ends(0);
    assert_eq!(page(port, "/version").as_deref(), Some("1"));
    assert_eq!(stack.id("one"), old);
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_stack_whose_files_are_named_is_told_where_the_ports_go() {
    let Some(stack) = Stack::new("gatewayfiles") else { return };
    let port = port();
    stack.mode("one", "ok").compose_file(&web("one", port));
    std::fs::rename(stack.path().join("docker-compose.yml"), stack.path().join("a.yml")).unwrap();
    let before = stack.picture();
    let refused = stack.backstay(&["-f", "a.yml", "gateway", "enable", "--yes"]).ends(3);
    refused.says("compose.gateway.yaml");
    stack.backstay(&["-f", "a.yml", "gateway", "enable", "nobody", "--yes"]).ends(3);
    assert_eq!(stack.picture(), before);

    stack.write("compose.gateway.yaml", "services: {}\n");
    let files = ["-f", "a.yml", "-f", "compose.gateway.yaml"];
    stack.backstay(&[&files[..], &["gateway", "enable", "nobody", "--yes"]].concat()).ends(2);
    stack.backstay(&[&files[..], &["deploy", "--yes"]].concat()).ends(0);
    if !is_podman_here() {
        stack.backstay(&[&files[..], &["gateway", "enable", "--yes"]].concat()).ends(0);
        assert_eq!(page(port, "/version").as_deref(), Some("1"));
        stack.write(".env", "VERSION=2\n");
        let deploy = [&files[..], &["deploy"]].concat();
        unnoticed(&stack, port, &deploy).0.ends(0);
        assert_eq!(page(port, "/version").as_deref(), Some("2"));
    }
}

pub(crate) fn is_podman_here() -> bool {
    std::env::var_os("BACKSTAY_E2E").is_some() && is_podman()
}
