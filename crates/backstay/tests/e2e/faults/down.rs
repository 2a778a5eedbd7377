//! The engine itself is killed in the middle of a step.

use std::sync::Arc;
use std::time::Instant;

use super::chosen;
use super::engine::Engine;
use super::ground::{Ground, Running, Verb};
use super::proxy::{Fault, Proxy};
use super::wire::{calls_of, nth, strike};
use crate::harness::Stack;

fn everywhere(name: &str, verb: Verb) {
    let Some(lease) = Engine::start() else { return };
    let engine = lease.engine();
    let Some(stack) = Stack::new(name) else { return };
    let anew = Arc::clone(engine);
    let ground = Ground::of(stack.on(&engine.host()));
    let mut ground = ground.restarting(move || {
        anew.stop();
        anew.begin();
    });
    for number in chosen(calls_of(&mut ground, verb), 1) {
        let this = Arc::clone(engine);
        strike(&mut ground, "engine killed and restarted", verb, number, |_| {
            Fault::After(Box::new(move || {
                this.kill();
                this.begin();
            }))
        });
        let before = ground.ready(verb);
        let this = Arc::clone(engine);
        let kill = Fault::Instead(Box::new(move || this.kill()));
        let proxy = Proxy::new(ground.engine(), Some((nth(number), kill)));
        let run = Running::start(ground.command(verb).env("DOCKER_HOST", proxy.host()));
        let ended = run.end();
        if proxy.struck().is_some() {
            engine.begin();
        }
        let what = format!("{verb:?}, {number}");
        let at = proxy.struck().unwrap_or_else(Instant::now);
        ground.judge("engine killed, back after the run", &what, before, &ended, at);
    }
    ground.end();
}

#[test]
fn the_engine_dies_in_a_deploy() {
    everywhere("e-deploy", Verb::Deploy);
}

#[test]
fn the_engine_dies_in_an_update() {
    everywhere("e-update", Verb::Update);
}

#[test]
fn the_engine_dies_in_a_rollback() {
    everywhere("e-rollback", Verb::Rollback);
}
