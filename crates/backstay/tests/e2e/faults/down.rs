//! The engine itself is killed in the middle of a step.

use std::sync::Arc;
use std::time::Instant;

use super::engine::Engine;
use super::ground::{Ground, Running, Verb};
use super::proxy::{Fault, Proxy};
use super::spread;
use super::wire::{calls_of, nth, strike};
use crate::harness::Stack;

#[test]
#[ignore = "long: cargo xtask test --all"]
fn the_engine_dies() {
    dies("engine", Ground::of);
}

/// An engine dies under what this makes of a stack on it.
pub(super) fn dies(name: &str, made: impl FnOnce(Stack) -> Ground) {
    let Some(lease) = Engine::start() else { return };
    let engine = lease.engine();
    let Some(stack) = Stack::new(name) else { return };
    let anew = Arc::clone(engine);
    let ground = made(stack.on(&engine.host(), &Engine::subnet()));
    let mut ground = ground.restarting(move || {
        anew.stop();
        anew.begin();
    });
    for verb in Verb::some(1) {
        let calls = calls_of(&mut ground, verb);
        for number in spread(calls, 2, 0, 1) {
            back_in_the_run(&mut ground, engine, verb, number);
        }
        for number in spread(calls, 2, 1, 1) {
            back_after_the_run(&mut ground, engine, verb, number);
        }
    }
    ground.end();
}

fn back_in_the_run(ground: &mut Ground, engine: &Arc<Engine>, verb: Verb, number: usize) {
    let this = Arc::clone(engine);
    strike(ground, "engine killed and restarted", verb, number, |_| {
        Fault::After(Box::new(move || {
            this.kill();
            this.begin();
        }))
    });
}

fn back_after_the_run(ground: &mut Ground, engine: &Arc<Engine>, verb: Verb, number: usize) {
    let before = ground.ready(verb);
    let this = Arc::clone(engine);
    let kill = Fault::Instead(Box::new(move || this.kill()));
    let proxy = Proxy::new(ground.engine(), Some((nth(number), kill)));
    let ended = Running::start(ground.command(verb).env("DOCKER_HOST", proxy.host())).end();
    let struck = proxy.struck();
    if struck.is_some() {
        engine.begin();
    }
    let what = format!("{verb:?}, {number}");
    let at = struck.unwrap_or_else(Instant::now);
    ground.judge("engine killed, back after the run", &what, before, &ended, at);
}
