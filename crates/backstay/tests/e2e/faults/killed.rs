//! `kill -9` of the whole group of processes.

use std::time::{Duration, Instant};

use super::chosen;
use super::ground::{Ground, Running, Verb, is_boundary};
use super::proxy::Fault;
use super::wire::{calls_of, strike};
use crate::crash::signal;

/// When a record of the journal has been written: the run is killed between one step and the next.
fn at_every_step(name: &str, verb: Verb) {
    let Some(mut ground) = Ground::new(name) else { return };
    at_steps(&mut ground, verb);
    ground.end();
}

/// The same on this ground.
pub(super) fn at_steps(ground: &mut Ground, verb: Verb) {
    let screen = ground.undisturbed(verb, None).screen;
    let boundaries = screen.lines().filter(|line| is_boundary(line)).count();
    assert!(boundaries > 10, "{screen}");
    for number in chosen(boundaries, 1) {
        let before = ground.ready(verb);
        let run = Running::start(&mut ground.command(verb));
        let found = run.lines.iter().filter(|line| is_boundary(line)).nth(number);
        let at = Instant::now();
        signal("-9", &format!("-{}", run.id()));
        let what = format!("{verb:?}, {}", found.unwrap_or_default());
        ground.judge("kill -9 between steps", &what, before, &run.end(), at);
    }
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_deploy_is_killed_at_every_step() {
    at_every_step("f-step-d", Verb::Deploy);
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn an_update_is_killed_at_every_step() {
    at_every_step("f-step-u", Verb::Update);
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_rollback_is_killed_at_every_step() {
    at_every_step("f-step-r", Verb::Rollback);
}

/// Before the engine hears of a call, and when it is done but nobody was told.
#[test]
#[ignore = "long: cargo xtask test --all"]
fn runs_are_killed_at_every_call() {
    let Some(mut ground) = Ground::new("f-call") else { return };
    for verb in Verb::some(0) {
        at_calls(&mut ground, verb);
    }
    ground.end();
}

/// The same on this ground.
pub(super) fn at_calls(ground: &mut Ground, verb: Verb) {
    let calls = calls_of(ground, verb);
    for number in chosen(2 * calls, 2) {
        strike(ground, "kill -9 at a call", verb, number / 2, |group| {
            let kill = Box::new(move || group.kill());
            if number % 2 == 0 { Fault::Instead(kill) } else { Fault::After(kill) }
        });
    }
}

/// At moments that nobody chose. The seed is printed; `BACKSTAY_SEED` repeats it.
#[test]
#[ignore = "long: cargo xtask test --all"]
fn runs_are_killed_at_random_moments() {
    let Some(mut ground) = Ground::new("f-random") else { return };
    let seed = std::env::var("BACKSTAY_SEED").ok().and_then(|seed| seed.parse().ok());
    let mut seed: u64 = seed.unwrap_or_else(|| u64::from(std::process::id()));
    eprintln!("BACKSTAY_SEED={seed}");
    for verb in Verb::some(1) {
        let begin = Instant::now();
        ground.undisturbed(verb, None);
        let longest = begin.elapsed().as_millis() as u64;
        for _ in chosen(50, 1) {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let moment = Duration::from_millis((seed >> 33) % longest);
            let before = ground.ready(verb);
            let run = Running::start(&mut ground.command(verb));
            // Not to synchronise with anything: the moment is meant to be any.
            std::thread::sleep(moment);
            let at = Instant::now();
            signal("-9", &format!("-{}", run.id()));
            let what = format!("{verb:?}, after {moment:?}");
            ground.judge("kill -9 at any moment", &what, before, &run.end(), at);
        }
    }
    ground.end();
}
