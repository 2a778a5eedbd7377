//! One turn: `wrk` against one of them, and the processor time that it took meanwhile.

use super::Case;
use super::contestants::{Contestant, Field, LOAD_CORE};
use crate::failure::{Failure, Result};
use crate::shell;
use std::fs;

/// What `wrk` is to print at its end: it has no option for all of it.
const SCRIPT: &str = r#"
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("numbers %d %d %d %d %d %d\n",
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency:percentile(99.9),
    e.connect + e.read + e.write + e.status + e.timeout))
end
"#;
/// The kernel counts processor time in hundredths of a second.
const TICKS: f64 = 100.0;

/// The numbers of one turn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    pub(super) per_second: u64,
    /// Processor time for each request, in nanoseconds.
    pub(super) cpu_ns: u64,
    /// In microseconds.
    pub(super) p50: u64,
    pub(super) p99: u64,
    pub(super) p999: u64,
}

/// Measures.
pub(super) fn sample(
    field: &Field,
    who: Contestant,
    case: &Case,
    seconds: u32,
    turn: usize,
) -> Result<Sample> {
    let script = field.file("wrk.lua", SCRIPT)?;
    // Another address each time: ports that rest after connections to one of them are free for the next.
    let url = format!("http://127.0.3.{}:{}/{}", turn % 250 + 1, who.port(case.tcp), case.path);
    let (clients, seconds) = (format!("-c{}", case.clients), format!("-d{seconds}s"));
    let script = script.to_string_lossy();
    let mut words = vec!["-c", LOAD_CORE, "wrk", "-t1", &clients, &seconds, "-s", &script];
    if case.new {
        words.extend(["-H", "Connection: close"]);
    }
    words.push(&url);
    let before = cpu(field, who);
    let said = shell::capture(&mut shell::command("taskset", &words))?;
    let used = cpu(field, who) - before;
    let numbers: Vec<u64> = said
        .lines()
        .find_map(|line| line.strip_prefix("numbers "))
        .into_iter()
        .flat_map(|line| line.split(' '))
        .filter_map(|number| number.parse().ok())
        .collect();
    let &[requests, micros, p50, p99, p999, errors] = &numbers[..] else {
        return Err(Failure::new(format!("`wrk` said\n{said}")));
    };
    if errors > 0 || requests == 0 || micros == 0 {
        let name = who.name();
        let what = format!("{errors} of {requests} requests failed at {name}: {}", case.name);
        return Err(Failure::new(what));
    }
    Ok(Sample {
        per_second: requests * 1_000_000 / micros,
        cpu_ns: (used * 1e9 / requests as f64) as u64,
        p50,
        p99,
        p999,
    })
}

/// In seconds, of all its processes.
fn cpu(field: &Field, who: Contestant) -> f64 {
    let ticks = |pid: u32| {
        let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let rest = text.rsplit_once(')')?.1;
        let mut fields = rest.split_whitespace().skip(11).map(|field| field.parse::<u64>().ok());
        Some(fields.next()?? + fields.next()??)
    };
    field.processes(who).into_iter().filter_map(ticks).sum::<u64>() as f64 / TICKS
}
