//! What goes wrong between the program and the engine: answers that come late, in part, as errors, or not at all.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::ground::{Ground, Running, Verb};
use super::proxy::{At, Fault, Proxy};
use super::spread;
use crate::crash::signal;

/// The group of processes of a run that may not have begun.
#[derive(Clone, Default)]
pub(crate) struct Group(Arc<OnceLock<u32>>);

impl Group {
    pub(crate) fn kill(&self) {
        signal("-9", &format!("-{}", self.0.wait()));
    }
}

/// At the call with this number.
pub(crate) fn nth(number: usize) -> At {
    Box::new(move |at, _| at == number)
}

/// How many calls of a run change something.
pub(crate) fn calls_of(ground: &mut Ground, verb: Verb) -> usize {
    let proxy = Proxy::new(ground.engine(), None);
    ground.undisturbed(verb, Some(&proxy.host()));
    let calls = proxy.seen();
    assert!(calls.len() > 10, "{verb:?}: {calls:?}");
    calls.len()
}

/// A run with a fault at its call with this number.
pub(crate) fn strike(
    ground: &mut Ground,
    kind: &str,
    verb: Verb,
    number: usize,
    fault: impl FnOnce(Group) -> Fault,
) {
    let before = ground.ready(verb);
    let group = Group::default();
    let proxy = Proxy::new(ground.engine(), Some((nth(number), fault(group.clone()))));
    let run = Running::start(ground.command(verb).env("DOCKER_HOST", proxy.host()));
    group.0.set(run.id()).unwrap();
    let ended = run.end();
    let at = proxy.struck().unwrap_or_else(Instant::now);
    let calls = proxy.seen();
    let what = match calls.get(number) {
        Some(call) => format!("{verb:?}, {number}: {call}"),
        None => format!("{verb:?}: not struck, there were {} calls", calls.len()),
    };
    ground.judge(kind, &what, before, &ended, at);
}

/// The same fault at every call, or at one in `step`.
fn everywhere(name: &str, turn: usize, step: usize, kind: &str, fault: impl Fn() -> Fault) {
    let Some(mut ground) = Ground::new(name) else { return };
    for verb in Verb::some(turn) {
        at_calls(&mut ground, verb, (turn, step), kind, &fault);
    }
    ground.end();
}

/// The same on this ground.
pub(super) fn at_calls(
    ground: &mut Ground,
    verb: Verb,
    (turn, step): (usize, usize),
    kind: &str,
    fault: &impl Fn() -> Fault,
) {
    let calls = calls_of(ground, verb);
    for number in spread(calls, step, turn, 1) {
        strike(ground, kind, verb, number, |_| fault());
    }
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_call_is_refused() {
    everywhere("w-refused", 0, 1, "engine refuses", || Fault::Refused);
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_call_is_done_and_refused() {
    everywhere("w-refused-a", 1, 1, "engine refuses, but did it", || Fault::RefusedAfter);
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn an_answer_is_cut() {
    everywhere("w-cut", 2, 3, "answer cut in half", || Fault::Cut);
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn an_answer_is_late() {
    everywhere("w-late", 0, 3, "answer late", || Fault::Late(Duration::from_secs(2)));
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn the_engine_is_gone_until_the_run_has_ended() {
    everywhere("w-gone", 1, 3, "connection lost", || Fault::Gone);
}
