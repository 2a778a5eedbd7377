//! The vault's part of `docs/benchmarks.md`.

use super::super::page::{machine, median};
use super::{Numbers, RELEASES, Round};
use crate::table;
use std::time::Duration;

pub(super) fn part(numbers: &Numbers) -> String {
    let mb = |bytes: u64| format!("{:.1} MB", bytes as f64 / 1e6);
    let ratio = numbers.last as f64 / (numbers.first + numbers.changed) as f64;
    let time = |pick: fn(&Round) -> Duration| median(numbers.rounds.iter().map(pick)).as_secs_f64();
    let row = |what: &str, ours: f64, theirs: f64| {
        let cells = [format!("{ours:.2}"), format!("{theirs:.2}"), format!("{:.2}", ours / theirs)];
        std::iter::once(what.to_owned()).chain(cells).collect::<Vec<_>>()
    };
    let rows = [
        row("storing, beside `docker save \\| zstd -3`", time(|r| r.store), time(|r| r.save)),
        row("restoring, beside `docker load`", time(|r| r.restore), time(|r| r.load)),
        row("begin to commit, beside `--no-backup`", time(|r| r.commit), time(|r| r.bare_commit)),
    ];
    format!(
        "## The vault

`cargo xtask bench vault` writes this part. {machine}

{releases} releases of one image of 200 MB, of which half can be compressed, and in which a layer of 2 MB changes that can't:
the vault has {first} after the first one and {last} after the last one, which is {ratio:.2} times the first one and the changed
layers.

{table}
- The image has one layer. Numbers are the medians of {rounds} rounds, in which all take turns.
- *storing* is the time from the commit of a first deployment to its end, *restoring* that of the step that loads the image in a
  rollback, both from the run's journal. What is stored is synced to the disk; what the other two write is not.
- *begin to commit* is that of a first deployment with `--no-rehearsal --monitor 0s`. Storing begins behind the commit.
",
        machine = machine(),
        releases = RELEASES,
        first = mb(numbers.first),
        last = mb(numbers.last),
        table = table::render(&["", "seconds", "beside", "ratio"], &rows, 1),
        rounds = numbers.rounds.len(),
    )
}
