//! The gate on what people run: healthchecks every 30 s, or none, and services that fall over already.

use std::time::{Duration, Instant};

use crate::harness::{Stack, page, port, web};

/// The engine's first answer would come after 30 s, for the first container, for the twin and for the container that takes over.
#[test]
fn a_verdict_does_not_wait_for_the_healthchecks_interval() {
    let Some(stack) = Stack::new("interval") else { return };
    let port = port();
    stack.mode("one", "slow-start:500").write(".env", "VERSION=1\n");
    stack.compose_file(
        &web("one", port)
            .replace("interval: 5s, start_interval: 300ms, start_period: 1s", "interval: 30s"),
    );
    let began = Instant::now();
    stack.backstay(&["deploy"]).ends(0);
    stack.write(".env", "VERSION=2\n");
    stack.backstay(&["update", "one", "--yes"]).ends(0);
    assert_eq!(page(port, "/version").as_deref(), Some("2"));
    assert!(began.elapsed() < Duration::from_secs(85), "{:?}", began.elapsed());
}

/// A release that boots for a while and then ends was committed once, for want of a healthcheck.
#[test]
fn without_a_healthcheck_the_port_is_waited_for() {
    let Some(stack) = Stack::new("port") else { return };
    let port = port();
    let service = |command: &str| {
        let check = "healthcheck: {disable: true}\n    entrypoint:";
        let text = web("one", port);
        let line = text.lines().find(|line| line.contains("healthcheck")).unwrap();
        text.replace(line.trim(), &format!("{check} {command}"))
    };
    stack.mode("one", "ok").write(".env", "VERSION=1\n");
    stack.compose_file(&service("[/demo-server]"));
    stack.backstay(&["deploy"]).ends(0);
    // It listens only after its boot, which it does not survive.
    stack.mode("one", "exit:4").write(".env", "VERSION=2\n");
    stack.backstay(&["deploy"]).ends(10).says("exit code 4");
    assert_eq!(page(port, "/version").as_deref(), Some("1"));
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn what_falls_over_already_is_told_and_a_fix_goes_through() {
    let Some(stack) = Stack::new("loop") else { return };
    let port = port();
    stack.mode("one", "ok").mode("two", "exit:3").write(".env", "VERSION=1\n");
    let worker = "  two:\n    build: {context: ., args: {SERVICE: two}}\n    restart: always\n    \
                  stop_grace_period: 1s\n    deploy: {update_config: {monitor: 1s}}\n";
    stack.compose_file(&(web("one", port) + worker));
    stack.compose(&["up", "-d", "--build"]);
    // The engine waits longer and longer between its restarts: now and then is enough to be seen.
    let began = Instant::now();
    let label = format!("label=com.docker.compose.project={}", stack.project);
    let falls = || {
        let restarting = "status=restarting";
        !stack.lines(&["ps", "-q", "--filter", &label, "--filter", restarting]).is_empty()
    };
    while !falls() {
        assert!(began.elapsed() < Duration::from_secs(60));
    }
    stack.write(".env", "VERSION=2\n");
    let run = stack.backstay(&["update", "one", "--yes"]).ends(0);
    run.says("not well before either: two").says("exit code 3");
    assert_eq!(page(port, "/version").as_deref(), Some("2"));
    stack.backstay(&["status"]).says("-two-1 is not well");

    stack.mode("two", "exit:5");
    stack.backstay(&["deploy"]).ends(10).says("exit code 5");
    stack.mode("two", "ok");
    stack.backstay(&["deploy"]).ends(0);
    assert_eq!(stack.ids("two").len(), 1);
    stack.backstay(&["status"]).says("✓");
}
