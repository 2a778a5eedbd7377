//! Running the fault matrix, the disk that forgets and the random walks.

use super::tally::{self, Row};
use crate::failure::{Failure, Result};
use crate::{cargo, shell, table, ui};
use std::fs;
use std::time::Instant;

/// Walks in a full run, and in a quick one.
const WALKS: u64 = 10_000;
const FEW_WALKS: u64 = 300;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Options {
    /// Samples only, where there are very many cases.
    pub(crate) quick: bool,
    /// Where the random walks begin.
    pub(crate) seed: u64,
    /// How many there are.
    pub(crate) walks: Option<u64>,
}

/// Runs everything, and prints the table last, whatever was found.
pub(crate) fn run(options: Options) -> Result<()> {
    let begin = Instant::now();
    let folder = cargo::target()?.join("faults");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(Failure::on(&folder))?;
    let walks = options.walks.unwrap_or(if options.quick { FEW_WALKS } else { WALKS });
    let mut tests = cargo::cargo(&["test", "--package", "backstay-testkit", "--no-fail-fast"]);
    tests.args(["--test", "fault_matrix", "--test", "random_walk"]);
    tests.env("BACKSTAY_TALLY", &folder).env("BACKSTAY_FAULTS", "all");
    tests.env("BACKSTAY_WALKS", walks.to_string()).env("BACKSTAY_SEED", options.seed.to_string());
    tests.env_remove("BACKSTAY_STEPS");
    if options.quick {
        tests.env_remove("BACKSTAY_FAULTS");
    }
    ui::step(&format!(
        "faults at every call, then {walks} random walks from seed {}",
        options.seed
    ));
    let tested = shell::run(&mut tests);
    let rows = tally::read(&folder)?;
    ui::note(&render(&rows));
    let seconds = begin.elapsed().as_secs();
    ui::note(&format!("seed {}, {walks} walks, {seconds} s", options.seed));
    tested?;
    let lost: u64 = rows.iter().map(|row| row.lost).sum();
    if lost > 0 || rows.is_empty() {
        return Err(Failure::new(format!("{lost} cases are lost, in {} kinds", rows.len())));
    }
    Ok(())
}

fn render(rows: &[Row]) -> String {
    let mut all = rows.to_vec();
    all.push(rows.iter().fold(Row::named("together"), Row::and));
    let head =
        ["fault", "cases", "old release", "new release", "stuck at first", "lost", "longest"];
    let cells: Vec<Vec<String>> = all.iter().map(Row::cells).collect();
    table::render(&head, &cells, 1)
}
