//! Running the fault matrix, the disk that forgets, the random walks, and the faults on a real engine.

use super::tally::{self, Row};
use crate::beside::Seat;
use crate::failure::{Failure, Result};
use crate::{cargo, engine, leftovers, served, shell, static_program, table, ui};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Instant;

/// Walks in a full run, and in a quick one.
const WALKS: u64 = 10_000;
const FEW_WALKS: u64 = 300;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Options {
    /// Samples only, where there are very many cases.
    pub(crate) quick: bool,
    /// Leave out those on a real engine.
    pub(crate) no_engine: bool,
    /// Where the random walks begin.
    pub(crate) seed: u64,
    /// How many there are.
    pub(crate) walks: Option<u64>,
}

/// Runs everything, and prints the tables last, whatever was found.
pub(crate) fn run(options: Options) -> Result<()> {
    let parts = if options.no_engine {
        ui::warn("without an engine: the faults on a real one are left out");
        vec![in_memory(options)?]
    } else {
        side_by_side(options)?
    };
    for part in &parts {
        ui::note(&format!("{}, seed {}, {} s", part.place, options.seed, part.seconds));
        ui::note(&render(&part.rows));
    }
    for part in parts {
        let lost: u64 = part.rows.iter().map(|row| row.lost).sum();
        if lost > 0 || part.rows.is_empty() {
            let kinds = part.rows.len();
            return Err(Failure::new(format!(
                "{}: {lost} cases are lost, in {kinds} kinds",
                part.place
            )));
        }
        part.tested?;
    }
    Ok(())
}

/// Who waits for an engine for most of the time leaves the processor to what needs nothing else.
fn side_by_side(options: Options) -> Result<Vec<Part>> {
    engine::ensure()?;
    for mut tests in [memory_tests(), engine_tests()] {
        shell::run(tests.arg("--no-run"))?;
    }
    thread::scope(|scope| {
        let memory = scope.spawn(move || in_memory(options));
        let engine = on_an_engine(options);
        let memory = memory.join().map_err(|_| Failure::new("the faults in memory ended early"))?;
        Ok(vec![memory?, engine?])
    })
}

/// What was found in one place.
struct Part {
    place: String,
    rows: Vec<Row>,
    seconds: u64,
    tested: Result<()>,
}

fn in_memory(options: Options) -> Result<Part> {
    let walks = options.walks.unwrap_or(if options.quick { FEW_WALKS } else { WALKS });
    let mut tests = memory_tests();
    tests.env("BACKSTAY_WALKS", walks.to_string());
    ui::step(&format!("faults at every call, then {walks} walks from seed {}", options.seed));
    if !options.no_engine {
        // Somebody else's screen.
        let log = cargo::target()?.join("faults-in-memory.log");
        ui::note(&format!("in memory: {}", log.display()));
        tests = shell::behind(&tests, &log)?;
    }
    tried(&format!("in memory, {walks} random walks"), "memory", tests, options)
}

fn memory_tests() -> Command {
    let mut tests = tests_of("backstay-testkit");
    tests.args(["--test", "fault_matrix", "--test", "random_walk", "--test", "damaged_input"]);
    tests
}

fn on_an_engine(options: Options) -> Result<Part> {
    let (server, gateway) = (static_program::demo_server()?, static_program::gateway()?);
    let seat = Seat::machine();
    let before = leftovers::projects(&seat)?;
    let mut tests = engine_tests();
    tests.args(["--", "faults::", "crash::", "servers::", "--include-ignored"]);
    tests.args(["--test-threads", &cargo::test_threads()]);
    tests.env("BACKSTAY_E2E", "1").env("BACKSTAY_DEMO_SERVER", server);
    tests.env("BACKSTAY_GATEWAY", gateway);
    served::SERVERS.tell(&mut tests);
    ui::step("faults on a real engine");
    let part = tried("on a real engine", "engine", tests, options)?;
    Ok(Part { tested: part.tested.and(leftovers::check(&seat, &before)), ..part })
}

fn engine_tests() -> Command {
    let mut tests = tests_of("backstay");
    tests.args(["--test", "e2e"]);
    tests
}

/// Of one package, in the profile that both parts share.
fn tests_of(package: &str) -> Command {
    cargo::cargo(&["test", "--profile", "faults", "--package", package, "--no-fail-fast"])
}

fn tried(place: &str, name: &str, mut tests: Command, options: Options) -> Result<Part> {
    let begin = Instant::now();
    let folder = empty_folder(&cargo::target()?.join("tallies").join(name))?;
    tests.env("BACKSTAY_TALLY", &folder).env("BACKSTAY_SEED", options.seed.to_string());
    tests.env("BACKSTAY_FAULTS", if options.quick { "some" } else { "all" });
    tests.env_remove("BACKSTAY_STEPS");
    let tested = shell::run(&mut tests);
    let (rows, seconds) = (tally::read(&folder)?, begin.elapsed().as_secs());
    Ok(Part { place: place.to_owned(), rows, seconds, tested })
}

fn empty_folder(folder: &Path) -> Result<PathBuf> {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).map_err(Failure::on(folder))?;
    Ok(folder.to_owned())
}

fn render(rows: &[Row]) -> String {
    let mut all = rows.to_vec();
    all.push(rows.iter().fold(Row::named("together"), Row::and));
    let head =
        ["fault", "cases", "old release", "new release", "stuck at first", "lost", "longest"];
    let cells: Vec<Vec<String>> = all.iter().map(Row::cells).collect();
    table::render(&head, &cells, 1)
}
