//! The measurement: every tool has a stack of its own, and they take turns.

use super::fleet::{Change, Fleet};
use super::page;
use super::rate::rate;
use super::row::{Row, Sample};
use crate::failure::{Failure, Result};
use crate::tool::{self, Tool};
use crate::{cargo, engine, interrupt, static_program, ui};
use backstay_testkit::app::Target;
use backstay_testkit::load::Load;
use std::path::Path;
use std::time::{Duration, Instant};

const SIZES: [usize; 3] = [2, 10, 30];
const REPEATS: usize = 3;
/// How long each URL is asked before and after a deploy.
const MARGIN: Duration = Duration::from_millis(500);
const ASK_LIMIT: Duration = Duration::from_secs(2);
const SETTLE_LIMIT: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// One repeat in place of three.
    pub(crate) quick: bool,
}

/// Measures and writes `docs/benchmarks.md`.
pub(crate) fn run(options: Options) -> Result<()> {
    interrupt::catch()?;
    engine::ensure()?;
    let tools = tools(&tool::build_backstay()?);
    let demo_server = static_program::demo_server()?;
    let repeats = if options.quick { 1 } else { REPEATS };
    let mut rows = Vec::new();
    for size in SIZES {
        rows.extend(measure_size(size, &tools, repeats, &demo_server)?);
    }
    let path = cargo::root().join("docs/benchmarks.md");
    let page = page::write(&rows, repeats)?;
    page::replace(&path, page::Part::Deploy, &page)?;
    ui::note(&page);
    Ok(())
}

/// The tools with the names that the page gives them, the yardstick last.
fn tools(program: &Path) -> [(&'static str, Tool); 3] {
    let backstay = |flags| Tool::Backstay { program: program.to_owned(), flags };
    [
        ("backstay deploy", backstay(Vec::new())),
        ("backstay deploy, no rehearsal", backstay(vec!["--no-rehearsal", "--monitor", "0s"])),
        ("docker compose up", Tool::Compose),
    ]
}

fn measure_size(
    size: usize,
    tools: &[(&'static str, Tool)],
    repeats: usize,
    demo_server: &Path,
) -> Result<Vec<Row>> {
    let mut fleets = Vec::new();
    for (i, (name, tool)) in tools.iter().enumerate() {
        ui::step(&format!("{size} services, first deployment: {name}"));
        let fleet = Fleet::new(&i.to_string(), size, demo_server)?;
        succeed(tool, &fleet)?;
        fleets.push(fleet);
    }
    let mut rows = Vec::new();
    for change in Change::BOTH {
        let first = rows.len();
        let row = |tool| Row { size, change, tool, samples: Vec::new() };
        rows.extend(tools.iter().map(|(name, _)| row(*name)));
        for repeat in 0..repeats {
            for turn in 0..tools.len() {
                // Another one begins each time: whoever is first may find colder caches.
                let i = (repeat + turn) % tools.len();
                let (name, tool) = &tools[i];
                ui::step(&format!("{size} services, {} changed: {name}", change.name()));
                fleets[i].change(change)?;
                rows[first + i].samples.push(measure(tool, &fleets[i])?);
            }
        }
    }
    Ok(rows)
}

fn measure(tool: &Tool, fleet: &Fleet) -> Result<Sample> {
    let urls = fleet.urls();
    let load = Load::start_at(&urls, rate(urls.len())).map_err(|e| Failure::new(e.to_string()))?;
    interrupt::pause(MARGIN)?;
    let took = succeed(tool, fleet)?;
    interrupt::pause(MARGIN)?;
    let report = load.stop();
    Ok(Sample { took, failed: report.failures(), outage: report.longest_outage() })
}

/// Deploys, and looks that the new versions serve: a tool that did nothing would be the fastest.
fn succeed(tool: &Tool, fleet: &Fleet) -> Result<Duration> {
    let ending = tool.deploy(&fleet.stack.folder, true)?;
    if ending.code != Some(0) {
        return Err(Failure::new(format!(
            "a deploy ended with {:?}\n{}",
            ending.code, ending.tail
        )));
    }
    for (url, version) in fleet.urls().iter().zip(fleet.versions()) {
        serves(url, &version)?;
    }
    Ok(ending.took)
}

/// A tool may end while a port still drops connections: the engine opens it before the network
/// behind it is up. That is no time of the tool's, but the load counts it.
fn serves(url: &str, version: &str) -> Result<()> {
    let deadline = Instant::now() + SETTLE_LIMIT;
    loop {
        let answer = Target::resolve(url).and_then(|target| target.get(ASK_LIMIT));
        let said = answer.map_or_else(|e| e.to_string(), |answer| answer.body.trim().to_owned());
        if said == version {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(Failure::new(format!("{url} answers `{said}` and not `{version}`")));
        }
        interrupt::pause(Duration::from_millis(20))?;
    }
}
