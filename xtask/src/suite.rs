//! `cargo xtask test`: everything that a change has to pass.

use crate::beside::{self, Seat, Versions};
use crate::failure::{Failure, Result, joined};
use crate::{cargo, checks, cross, engine, leftovers, served, shell, static_program, ui};
use std::path::PathBuf;
use std::process::Command;
use std::thread;

/// How many random walks are taken; `cargo xtask faults` takes thousands.
const WALKS: u64 = 200;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// Leave out the tests that need an engine.
    pub(crate) no_engine: bool,
    /// Also the long tests on an engine, which are marked `#[ignore]`, all single faults in memory, and other systems.
    pub(crate) all: bool,
}

/// Runs everything. The test runner's summary is the last thing printed.
pub(crate) fn run(options: Options) -> Result<()> {
    if options.no_engine {
        ui::warn("without an engine: the tests on a real one are left out");
        checks::run()?;
        return shell::run(&mut tests(options));
    }
    engine::may_be_had().map_err(without)?;
    thread::scope(|scope| {
        // It comes over the network, and so does what is told when it is needed and can't be had.
        let engine = scope.spawn(engine::ensure);
        let fetched =
            scope.spawn(|| (beside::fetch(), served::NGINX.fetch(), served::SERVERS.fetch()));
        let programs = scope.spawn(static_program::of_tests);
        checks::run()?;
        build()?;
        joined(engine).map_err(without)?;
        let programs = joined(programs)?;
        // Two that fetch the same would be in each other's way.
        drop(fetched.join());
        let others = scope.spawn(move || if options.all { cross::run() } else { Ok(()) });
        tests_on_an_engine(&programs, options).and(joined(others))
    })
}

/// Why the tests on an engine can't run, and what runs without one.
fn without(failure: Failure) -> Failure {
    let hint = failure.hint.unwrap_or_default();
    Failure::new(format!("{}; the tests on a real engine can't run", failure.what))
        .hint(format!("{hint}\n\nor leave them out: cargo xtask test --no-engine"))
}

fn tests_on_an_engine([server, gateway]: &[PathBuf; 2], options: Options) -> Result<()> {
    let (seat, versions): (Seat, Versions) = beside::newest()?;
    ui::step(&format!("tests on a real engine: {versions}"));
    let before = leftovers::projects(&seat)?;
    let mut command = tests(options);
    command.env("BACKSTAY_E2E", "1").env("BACKSTAY_DEMO_SERVER", server);
    command.env("BACKSTAY_GATEWAY", gateway);
    served::NGINX.tell(&mut command);
    served::SERVERS.tell(&mut command);
    let tested = shell::run(&mut seat.within(&command));
    tested.and(leftovers::check(&seat, &before))
}

/// Builds the tests, outside of the engine's network, in which nothing could be fetched.
fn build() -> Result<()> {
    ui::step("building the tests");
    let all = ["test", "--workspace", "--no-run", "--quiet", "--lib", "--bins", "--tests"];
    shell::run(&mut cargo::cargo(&all))
}

/// The command that runs them.
fn tests(options: Options) -> Command {
    let mut command = if cargo::has_subcommand("nextest") {
        ui::step("cargo nextest run");
        let mut command = cargo::cargo(&["nextest", "run", "--workspace"]);
        command.args(["--test-threads", &cargo::test_threads()]);
        if options.all {
            command.args(["--run-ignored", "all"]);
        }
        command
    } else {
        ui::step("cargo test");
        let all = ["test", "--workspace", "--no-fail-fast", "--lib", "--bins", "--tests"];
        let mut command = cargo::cargo(&all);
        if options.all {
            command.args(["--", "--include-ignored"]);
        }
        command
    };
    if std::env::var_os("BACKSTAY_WALKS").is_none() {
        command.env("BACKSTAY_WALKS", WALKS.to_string());
    }
    if options.all {
        command.env("BACKSTAY_FAULTS", "some");
    }
    command.env_remove("BACKSTAY_E2E").env_remove("BACKSTAY_DEMO_SERVER");
    command
}
