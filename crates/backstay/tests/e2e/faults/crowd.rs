//! Many runs at once.

use crate::harness::is_thorough;
use std::time::Instant;

use super::ground::{Ended, Ground, Running, Verb, is_boundary};
use crate::crash::signal;

/// `count` runs at once. With `killed`, one of them began before, and dies when the others begin.
fn at_once(ground: &mut Ground, count: usize, killed: bool) {
    let before = ground.ready(Verb::Rollback);
    let at = Instant::now();
    let mut runs = Vec::new();
    if killed {
        let first = Running::start(&mut ground.command(Verb::Rollback));
        assert!(first.lines.iter().filter(|line| is_boundary(line)).nth(10).is_some());
        runs.extend((1..count).map(|_| Running::start(&mut ground.command(Verb::Deploy))));
        signal("-9", &format!("-{}", first.id()));
        first.end();
    } else {
        let verbs = Verb::ALL.into_iter().rev().cycle().take(count);
        runs.extend(verbs.map(|verb| Running::start(&mut ground.command(verb))));
    }
    let ended: Vec<Ended> = runs.into_iter().map(Running::end).collect();
    let screen: String =
        ended.iter().map(|run| format!("{:?}\n{}\n", run.code, run.screen)).collect();
    // One of them works; the others find it at work, or come when it is done. Nobody waits.
    let codes: Vec<Option<i32>> = ended.iter().map(|run| run.code).collect();
    let expected = |code: &Option<i32>| matches!(code, Some(0 | 5 | 7));
    assert!(codes.iter().all(expected), "{screen}");
    assert!(killed || codes.contains(&Some(0)), "{screen}");
    let kind = if killed { "runs at once, one killed" } else { "runs at once" };
    ground.judge(kind, &format!("{count}: {codes:?}"), before, &Ended { code: None, screen }, at);
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn two_and_ten_runs_at_once() {
    let Some(mut ground) = Ground::new("c-crowd") else { return };
    for _ in 0..if is_thorough() { 10 } else { 1 } {
        at_once(&mut ground, 2, false);
        at_once(&mut ground, 10, false);
        at_once(&mut ground, 4, true);
    }
    ground.end();
}
