//! `docs/compatibility.md`.

use super::differences;
use super::outcome::Outcome;
use super::trial::Trial;
use crate::table;

const HEAD: [&str; 7] =
    ["engine", "compose", "buildx", "images in the", "passed", "failed", "left out"];

/// A row for each engine.
pub(super) fn table(trials: &[Trial]) -> String {
    let rows: Vec<Vec<String>> = trials.iter().map(row).collect();
    table::render(&HEAD, &rows, 4)
}

fn row(trial: &Trial) -> Vec<String> {
    let (versions, outcome) = (&trial.versions, &trial.outcome);
    vec![
        versions.engine.clone(),
        versions.compose.clone(),
        versions.builder.clone(),
        versions.store.clone(),
        outcome.passed.to_string(),
        outcome.failed.len().to_string(),
        left_out(trial).to_string(),
    ]
}

/// Those that a difference names, and those that say so themselves.
fn left_out(trial: &Trial) -> usize {
    let named: usize = differences::of(trial.kind).map(|found| found.tests.len()).sum();
    named + trial.outcome.left_out.len()
}

/// The whole page.
pub(super) fn render(trials: &[Trial]) -> String {
    let mut text = format!(
        "# Compatibility

`cargo xtask compat` writes this page. It runs the end-to-end tests (`crates/backstay/tests/e2e`, without the faults, which
[have a page of their own](reliability.md)) and the tests of the engine's adapter (`crates/backstay-docker/tests/engine`) on each
of these engines; with `--only <engine>` on one, and with `--again` only what failed the last time. The others are shown as they were then:

{}
`cargo xtask test` runs a part of them on the newest engine with the containerd store, `cargo xtask test --all` all of them.

`cargo xtask wine` runs the Windows program's commands that need no engine under Wine 10, with paths of blanks and Chinese characters: the
help, wrong command lines, `cert`, `init`, `backups`, `doctor`, and what the others say where there is no engine.

On Podman, `docker build` needs `DOCKER_BUILDKIT=0`, and a registry on the machine itself has to be named as an insecure one. Where there is
no systemd, Podman does not run health checks: Backstay asks them itself, `docker compose up --wait` waits for ever.

",
        table(trials)
    );
    for trial in trials {
        text.push_str(&section(trial));
    }
    text
}

fn section(trial: &Trial) -> String {
    let name = format!("{}, {}", trial.versions.engine, trial.versions.store);
    let mut text = format!("## {name}\n\nFrom {}.\n\n", trial.kind.origin());
    let differences: Vec<_> = differences::of(trial.kind).collect();
    let Outcome { failed, left_out: skipped, again, .. } = &trial.outcome;
    if differences.is_empty() && failed.is_empty() && skipped.is_empty() {
        text.push_str("No differences.\n\n");
    }
    for difference in differences {
        text.push_str(&format!("- {}\n", difference.what));
        let tests = difference.tests.iter().map(|name| format!("  - left out: `{name}`\n"));
        text.extend(tests);
    }
    text.extend(skipped.iter().map(|name| format!("- left out: `{name}`\n")));
    text.extend(failed.iter().map(|name| format!("- fails: `{name}`\n")));
    let second = |name: &String| {
        format!("- failed in the whole run, and passed when it was run again: `{name}`\n")
    };
    text.extend(again.iter().map(second));
    text.push('\n');
    text
}
