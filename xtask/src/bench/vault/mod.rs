//! `cargo xtask bench vault`: what keeping images costs, beside what Docker's own commands take, in turns, in one run.

mod image;
mod measure;
mod page;

use crate::failure::{Failure, Result};
use crate::{cargo, engine, interrupt, shell, static_program, tool, ui};
use std::time::Duration;

const ROUNDS: usize = 3;
/// How many releases are made of one image.
const RELEASES: usize = 10;

/// What was measured.
pub(super) struct Numbers {
    /// Bytes of the vault after the first release and after the last one.
    first: u64,
    last: u64,
    /// Bytes that the changed layers hold, all together.
    changed: u64,
    rounds: Vec<Round>,
}

/// One turn of each.
pub(super) struct Round {
    save: Duration,
    store: Duration,
    load: Duration,
    restore: Duration,
    /// From the begin of a deploy to its commit: with a vault, and without a backup.
    commit: Duration,
    bare_commit: Duration,
}

/// Measures and writes its part of `docs/benchmarks.md`.
pub(crate) fn run(quick: bool) -> Result<()> {
    interrupt::catch()?;
    engine::ensure()?;
    if !shell::exists("zstd") {
        return Err(
            Failure::new("`zstd` is what storing is compared with").hint("apt install zstd")
        );
    }
    let program = tool::build_backstay()?;
    let demo_server = static_program::demo_server()?;
    let (first, last, changed) = measure::releases(&program, &demo_server, RELEASES)?;
    let mut numbers = Numbers { first, last, changed, rounds: Vec::new() };
    let image = image::Imported::new(&demo_server)?;
    for round in 0..if quick { 1 } else { ROUNDS } {
        ui::step(&format!("storing and restoring, round {}", round + 1));
        numbers.rounds.push(measure::round(&program, &demo_server, &image, round)?);
    }
    let path = cargo::root().join("docs/benchmarks.md");
    let part = page::part(&numbers);
    super::page::replace(&path, super::page::Part::Vault, &part)?;
    ui::note(&part);
    Ok(())
}
