//! The stacks that the scenarios are about.

use std::time::Duration;

use backstay_core::ops::deploy::DeployOptions;
use backstay_core::ops::rollback::RollbackOptions;
use backstay_testkit::fake::harness::{Act, Findings, Scenario};
use backstay_testkit::fake::{Behaviour, FakeStack, Kind};

const MONITOR: Option<Duration> = Some(Duration::from_millis(200));

/// A healthcheck that decides quickly.
pub(super) const CHECK: &str =
    "healthcheck: {test: [CMD, x], interval: 100ms, timeout: 100ms, retries: 2}";

/// Two services: `web` is built and has these further lines of definition; `cache` is not built and has data.
pub(super) fn shop(version: &str, behaviour: Behaviour, web: &[&str]) -> FakeStack {
    let mut text = format!(
        "services:\n  cache:\n    image: redis:7\n    restart: always\n    volumes: [\"data:/data\"]\n  \
         web:\n    build: ./web\n    restart: always\n    {CHECK}\n    depends_on: [cache]\n"
    );
    for line in web {
        text.push_str(&format!("    {line}\n"));
    }
    text.push_str("volumes: {data: }\n");
    FakeStack::new("/srv/shop")
        .compose(&text)
        .env("GREETING=hello\n")
        .context("web", version, behaviour)
        .registry("redis:7", "7", Behaviour::Healthy)
}

/// The same, well.
pub(super) fn good(version: &str, web: &[&str]) -> FakeStack {
    shop(version, Behaviour::Healthy, web)
}

pub(super) fn deploy() -> Act {
    Act::Deploy(options())
}

pub(super) fn options() -> DeployOptions {
    DeployOptions { monitor: MONITOR, ..DeployOptions::default() }
}

pub(super) fn rollback() -> Act {
    Act::Rollback(RollbackOptions { monitor: MONITOR, ..RollbackOptions::default() })
}

/// The same, and a second attempt after a crash without a recovery in between. Not for a rollback: a second one goes
/// further back.
pub(super) fn explore_and_repeat(scenario: &Scenario) {
    let mut findings = Findings::default();
    strike(scenario, &mut findings);
    scenario.strike_and_go_on(Share::wanted().again, &mut findings);
    findings.assert_none();
}

pub(super) fn is_thorough() -> bool {
    wanted() == "all"
}

/// One in so many cases of the kinds that are tried one by one.
pub(super) fn one_in(few: usize) -> usize {
    if is_thorough() { 1 } else { few }
}

/// What `cargo xtask faults` asks for: `all`, or `some` when it has to be quick. Nothing: few, as in every run of the tests.
fn wanted() -> String {
    std::env::var("BACKSTAY_FAULTS").unwrap_or_default()
}

/// One in so many of the cases is tried.
struct Share {
    /// A read fails.
    reads: usize,
    /// One fault.
    once: usize,
    /// A crash, and a second fault at every call of the recovery.
    twice: usize,
    /// A crash, and the same again.
    again: usize,
}

impl Share {
    fn wanted() -> Self {
        match wanted().as_str() {
            "all" => Self { reads: 1, once: 1, twice: 1, again: 1 },
            "some" => Self { reads: 1, once: 1, twice: 16, again: 6 },
            _ => Self { reads: 67, once: 53, twice: 997, again: 101 },
        }
    }
}

/// Every fault at every call; and crashes, with a second fault at every call of the recovery.
pub(super) fn explore(scenario: &Scenario) {
    let mut findings = Findings::default();
    strike(scenario, &mut findings);
    findings.assert_none();
}

fn strike(scenario: &Scenario, findings: &mut Findings) {
    let share = Share::wanted();
    let mut kinds = Kind::SINGLE.to_vec();
    kinds.extend(Kind::LASTING);
    let once = scenario.strike_everywhere(share.once, &kinds, findings);
    let kinds = [Kind::CrashAfter, Kind::CrashMidway, Kind::ErrorAfter];
    let twice = scenario.strike_twice(share.twice, &kinds, findings);
    let reads = scenario.strike_reads(share.reads, findings);
    println!(
        "{}: {reads} runs with a failing read, {once} runs with one fault, {twice} with two",
        scenario.name()
    );
}
