//! `cargo xtask test`: everything that a change has to pass.

use crate::beside::{self, Seat, Versions};
use crate::failure::{Failure, Result};
use crate::{cargo, checks, cross, engine, leftovers, served, shell, static_program, ui};
use std::path::PathBuf;
use std::process::Command;
use std::thread::{self, ScopedJoinHandle};

/// How many random walks are taken; `cargo xtask faults` takes thousands.
const WALKS: u64 = 300;

/// What takes longest of the faults on an engine: `cargo xtask faults` has them all, and others of each kind stay here.
const LEFT_TO_FAULTS: [&str; 15] = [
    "faults::clock::a_release_of_yesterdays_clock_is_the_newest",
    "faults::clock::the_clock_jumps_back_in_a_run",
    "faults::crowd::two_and_ten_runs_at_once",
    "faults::damaged::a_damaged_release_is_refused_and_another_one_comes_back",
    "faults::damaged::a_damaged_record_of_what_runs_or_of_a_run_is_refused_and_every_release_comes_back",
    "faults::disk::the_folder_is_read_only",
    "faults::killed::a_rollback_is_killed_at_every_step",
    "faults::killed::an_update_is_killed_at_every_step",
    "faults::killed::runs_are_killed_at_random_moments",
    "faults::signals::a_pipe_is_closed_at_every_step",
    "faults::signals::a_terminal_is_closed_at_every_step",
    "faults::stuck::the_port_is_taken_when_the_old_container_is_to_start_again",
    "faults::wire::a_call_is_done_and_refused",
    "faults::wire::a_call_is_refused",
    "faults::wire::an_answer_is_late",
];

#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// Leave out the tests that need an engine.
    pub(crate) no_engine: bool,
}

/// Runs everything. The test runner's summary is the last thing printed.
pub(crate) fn run(options: Options) -> Result<()> {
    if options.no_engine {
        ui::warn("without an engine: the tests on a real one are left out");
        checks::run()?;
        return shell::run(&mut tests());
    }
    engine::ensure().map_err(|failure| {
        let hint = failure.hint.clone().unwrap_or_default();
        let what = format!("{}; the tests on a real engine can't run", failure.what);
        Failure::new(what)
            .hint(format!("{hint}\n\nor leave them out: cargo xtask test --no-engine"))
    })?;
    thread::scope(|scope| {
        // The last part of the gateway's build has one core for itself; the other one checks meanwhile.
        let programs =
            scope.spawn(|| Ok([static_program::demo_server()?, static_program::gateway()?]));
        // What can't be fetched is told when it is needed.
        scope.spawn(|| (served::NGINX.fetch(), served::SERVERS.fetch()));
        checks::run()?;
        let programs = joined(programs)?;
        build()?;
        // Tests wait for the engine for most of their time.
        let others = scope.spawn(cross::run);
        tests_on_an_engine(&programs).and(joined(others))
    })
}

fn joined<T>(thread: ScopedJoinHandle<'_, Result<T>>) -> Result<T> {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn tests_on_an_engine([server, gateway]: &[PathBuf; 2]) -> Result<()> {
    let (seat, versions): (Seat, Versions) = beside::newest()?;
    ui::step(&format!("tests on a real engine: {versions}"));
    let before = leftovers::projects(&seat)?;
    let mut command = tests();
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
fn tests() -> Command {
    let mut command = if cargo::has_subcommand("nextest") {
        ui::step("cargo nextest run");
        let mut command = cargo::cargo(&["nextest", "run", "--workspace"]);
        // Tests on an engine wait for most of their time: more of them can use what they leave.
        let cores = thread::available_parallelism().map_or(1, usize::from);
        command.args(["--test-threads", &(cores + 2).to_string()]);
        let left_out = LEFT_TO_FAULTS.map(|name| format!("test(={name})")).join(" | ");
        command.args(["-E", &format!("not ({left_out})")]);
        command
    } else {
        ui::step("cargo test");
        let all = ["test", "--workspace", "--no-fail-fast", "--lib", "--bins", "--tests", "--"];
        let mut command = cargo::cargo(&all);
        command.args(LEFT_TO_FAULTS.iter().flat_map(|name| ["--skip", name]));
        command
    };
    if std::env::var_os("BACKSTAY_WALKS").is_none() {
        command.env("BACKSTAY_WALKS", WALKS.to_string());
    }
    command.env_remove("BACKSTAY_E2E").env_remove("BACKSTAY_DEMO_SERVER");
    command
}
