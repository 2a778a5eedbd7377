//! Whoever stays connected to the gateway, through every kind of run and through many of them in a row.

use crate::gateway::{self, behind};
use crate::gateway_warm::keeps_nothing_up;
use crate::harness::{Run, Stack, is_thorough, page, port, web};
use crate::visitors::Visitors;

/// A run, while new visitors come and others stay. None of them notices.
fn unnoticed(stack: &Stack, port: u16, arguments: &[&str]) -> Run {
    let visitors = Visitors::come(port);
    let (run, _) = gateway::unnoticed(stack, port, arguments);
    visitors.have_noticed_nothing();
    run
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn whoever_stays_connected_goes_on_through_every_kind_of_run() {
    if keeps_nothing_up() {
        return;
    }
    let port = port();
    let Some(stack) = behind("gatewaystay", port, "") else { return };
    stack.write(".env", "VERSION=2\n");
    let since_version_1 = Visitors::come(port);
    unnoticed(&stack, port, &["deploy"]).ends(0);
    let since_version_2 = Visitors::come(port);
    unnoticed(&stack, port, &["rollback", "--yes"]).ends(0).says("still up");
    // The WebSocket of the one is at a container that was led to for the moment, that of the other at what was gone back from.
    since_version_1.have_noticed_nothing();
    since_version_2.have_noticed_nothing();
    for mode in ["never-healthy", "crash-after:500", "exit:3"] {
        stack.write(".env", "VERSION=3\n").mode("one", mode);
        unnoticed(&stack, port, &["deploy"]).ends(10);
        assert_eq!(page(port, "/version").as_deref(), Some("1"));
    }
    stack.write(".env", "VERSION=4\n").mode("one", "slow-start:5000");
    let patient = web("one", port).replace("start_period: 1s", "start_period: 30s");
    stack.compose_file(&patient);
    unnoticed(&stack, port, &["update", "one", "--yes"]).ends(0);
    assert_eq!(page(port, "/version").as_deref(), Some("4"));
    unnoticed(&stack, port, &["gateway", "upgrade"]).ends(0);
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn many_deploys_in_a_row_fail_nobody() {
    if keeps_nothing_up() {
        return;
    }
    let port = port();
    let Some(stack) = behind("gatewayrow", port, "") else { return };
    for version in 2..=if is_thorough() { 101 } else { 5 } {
        stack.write(".env", &format!("VERSION={version}\n"));
        unnoticed(&stack, port, &["deploy"]).ends(0);
        assert_eq!(page(port, "/version"), Some(version.to_string()));
    }
}
