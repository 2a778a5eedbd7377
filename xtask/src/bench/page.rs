//! The page `docs/benchmarks.md`.

use super::fleet::Change;
use super::rate::rate;
use super::row::Row;
use crate::failure::{Failure, Result};
use crate::{shell, table};
use std::fs;
use std::path::Path;
use std::time::Duration;

const HEAD: [&str; 7] =
    ["services", "changed", "tool", "seconds", "of compose", "failed", "longest outage"];

/// The page's parts, each written by a measurement of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Deploy,
    Vault,
    Gateway,
}

/// How the parts behind the first one begin, in their order.
const LATER: [(Part, &str); 2] =
    [(Part::Vault, "## The vault\n"), (Part::Gateway, "## The gateway\n")];

/// Writes one part of the page and leaves the others as they are.
pub(super) fn replace(path: &Path, part: Part, text: &str) -> Result<()> {
    let old = fs::read_to_string(path).map_err(Failure::on(path))?;
    fs::write(path, joined(&old, part, text)).map_err(Failure::on(path))
}

fn joined(old: &str, part: Part, text: &str) -> String {
    let mut parts = Vec::new();
    let mut rest = old;
    // From the end: each part ends where the next one begins.
    for (name, head) in LATER.into_iter().rev() {
        let begin = rest.find(head).unwrap_or(rest.len());
        parts.push((name, &rest[begin..]));
        rest = &rest[..begin];
    }
    parts.push((Part::Deploy, rest));
    let texts = parts.into_iter().rev().map(|(name, old)| if name == part { text } else { old });
    let texts = texts.map(str::trim_end).filter(|text| !text.is_empty());
    texts.collect::<Vec<_>>().join("\n\n") + "\n"
}

/// The part about deploying, from the medians of all samples.
pub(super) fn write(rows: &[Row], repeats: usize) -> Result<String> {
    let cells: Vec<Vec<String>> = rows.iter().map(|row| cells(row, rows)).collect();
    let sizes: Vec<usize> = rows.iter().map(|row| row.size).collect();
    let pause = |size: Option<&usize>| rate(size.copied().unwrap_or(0)).pause.as_millis();
    Ok(format!(
        "# Benchmarks

`cargo xtask bench deploy` writes this part. It measures `backstay deploy` beside
`docker compose up -d --build --wait` on the same change, in one run, on one machine.

## Method

- Each tool has a stack of its own of 2, 10 and 30 services. Every service is built from a
  Dockerfile, publishes a port and has a healthcheck, which is asked every 200 ms while it starts.
- A change is a new version in `.env`, of one service or of all. The image of a changed service is
  built by the tool, from a base that is there already: nothing is downloaded.
- The tools take turns, and another one begins in each round. A number is the median of {repeats}
  rounds.
- *seconds* is wall time from the start of the command to its end. After it, every service must
  answer with its new version, or the whole measurement fails.
- *failed* and *longest outage* come from a constant load: one new connection after another to
  every published port, {fastest} ms apart for the smallest stack and {slowest} ms apart for the
  largest one, 2 s for each answer. An outage is the time from the last answer before a failure to
  the first one after it, on the port where that was longest.
- *no rehearsal* is `backstay deploy --no-rehearsal --monitor 0s`: the same work as Compose does,
  and still undone if it fails. Without these flags every new container is first started beside the
  old one and watched for five seconds.

## Machine

{machine}

## Result

{table}
## What it means

- The first line of each group pays for the rehearsal: a release that fails in it costs no request
  at all. The five seconds are in its time.
- A service with a published port can have only one container behind that port, so each tool has a
  gap between the old one and the new one. *longest outage* is that gap.
- Compare lines within one group only. Absolute numbers depend on the machine, on the engine and
  on how long a service takes to start.
",
        fastest = pause(sizes.iter().min()),
        slowest = pause(sizes.iter().max()),
        machine = machine(),
        table = table::render(&HEAD, &cells, 3),
    ))
}

fn cells(row: &Row, all: &[Row]) -> Vec<String> {
    let same = |other: &&Row| other.size == row.size && other.change == row.change;
    let compose = all.iter().rfind(same).map(seconds);
    let ratio = compose.filter(|base| *base > 0.0).map(|base| seconds(row) / base);
    vec![
        row.size.to_string(),
        Change::name(row.change).to_owned(),
        row.tool.to_owned(),
        format!("{:.2}", seconds(row)),
        ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}")),
        median(row.samples.iter().map(|sample| sample.failed)).to_string(),
        format!("{} ms", outage(row).as_millis()),
    ]
}

fn seconds(row: &Row) -> f64 {
    median(row.samples.iter().map(|sample| sample.took)).as_secs_f64()
}

fn outage(row: &Row) -> Duration {
    median(row.samples.iter().map(|sample| sample.outage))
}

pub(super) fn median<T: Ord + Copy + Default>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// What kind of machine it was; nothing that names it.
pub(super) fn machine() -> String {
    let version = |arguments: &[&str]| {
        shell::capture(&mut shell::command("docker", arguments)).unwrap_or_else(|_| "?".into())
    };
    let engine = version(&["version", "--format", "{{.Server.Version}}"]);
    let compose = version(&["compose", "version", "--short"]);
    let system = system();
    let system = system.trim_end_matches('.');
    format!("{system}, Docker Engine {engine}, Docker Compose {compose}.")
}

/// The same without an engine.
pub(super) fn system() -> String {
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory = memory.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kib = memory.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    let gib = kib.unwrap_or(0).div_ceil(1024 * 1024);
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    format!("{cores} processor cores, {gib} GiB of memory, {os} on {arch}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_is_written_alone() {
        let one = joined("# Benchmarks\n\nold\n", Part::Vault, "## The vault\n\nv1\n");
        assert_eq!(one, "# Benchmarks\n\nold\n\n## The vault\n\nv1\n");
        let two = joined(&one, Part::Deploy, "# Benchmarks\n\nnew\n");
        assert_eq!(two, "# Benchmarks\n\nnew\n\n## The vault\n\nv1\n");
        assert!(
            joined(&two, Part::Vault, "## The vault\n\nv2\n")
                .ends_with("new\n\n## The vault\n\nv2\n")
        );
        let three = joined(&two, Part::Gateway, "## The gateway\n\ng\n");
        assert!(three.ends_with("## The vault\n\nv1\n\n## The gateway\n\ng\n"));
        assert_eq!(joined(&three, Part::Vault, "## The vault\n\nv1\n"), three);
    }

    #[test]
    fn the_median_is_a_value_that_was_measured() {
        assert_eq!(median([3, 1, 2].into_iter()), 2);
        assert_eq!(median([7].into_iter()), 7);
        assert_eq!(median(std::iter::empty::<u64>()), 0);
    }
}
