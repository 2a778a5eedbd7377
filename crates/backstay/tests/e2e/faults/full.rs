//! The faults that end a run anywhere, on a stack that has all of it: a gateway, a hook, and data that its releases migrate.

use super::down::dies;
use super::ground::{Ground, Verb};
use super::proxy::Fault;
use super::{killed, wire};
use crate::gateway::is_podman_here;
use crate::harness::Stack;

/// The stack, where the engine can have a gateway.
fn ground(name: &str) -> Option<Ground> {
    if is_podman_here() {
        return None;
    }
    Some(Ground::full(Stack::new(name)?))
}

/// Each verb in its turn, or all of them.
fn each(name: &str, turn: usize, strike: impl Fn(&mut Ground, Verb)) {
    let Some(mut ground) = ground(name) else { return };
    for verb in Verb::some(turn) {
        strike(&mut ground, verb);
    }
    ground.end();
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn runs_are_killed_at_every_step() {
    each("f-full-s", 0, killed::at_steps);
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn runs_are_killed_at_every_call() {
    each("f-full-c", 1, killed::at_calls);
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_call_is_refused() {
    each("f-full-r", 2, |ground, verb| {
        wire::at_calls(ground, verb, (0, 1), "engine refuses", &|| Fault::Refused);
    });
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn the_engine_dies() {
    if !is_podman_here() {
        dies("f-full-e", Ground::full);
    }
}
