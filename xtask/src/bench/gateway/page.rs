//! The gateway's part of `docs/benchmarks.md`.

use super::super::page::{median, system};
use super::contestants::Contestant;
use super::measure::Sample;
use super::{Memory, OPEN, Row};
use crate::{shell, table};

const HEAD: [&str; 8] =
    ["", "way", "requests/s", "of nginx", "CPU µs/request", "p50 ms", "p99 ms", "p99.9 ms"];

pub(super) fn part(rows: &[Row], memory: &[Memory], rounds: usize, seconds: u32) -> String {
    let cells: Vec<Vec<String>> = rows.iter().map(|row| cells(row, rows)).collect();
    let mut head = vec!["MiB of memory".to_owned(), "without connections".to_owned()];
    head.extend(OPEN.map(|count| format!("{count} open")));
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let mib = |kib: &u64| format!("{:.1}", *kib as f64 / 1024.0);
    let used: Vec<Vec<String>> = memory
        .iter()
        .map(|one| {
            std::iter::once(one.who.name().to_owned()).chain(one.kib.iter().map(mib)).collect()
        })
        .collect();
    format!(
        "## The gateway

`cargo xtask bench gateway` writes this part. {system} {nginx}, {haproxy}, `wrk`.

- The server is an nginx with two files. It and `wrk` share one core; whoever is measured has the other one, with one thread, and
  the same connections. Each adds the same headers to HTTP, buffers no answer, and keeps its connections to the server.
- All take turns, and another one begins in each round. A number is the median of {rounds} rounds of {seconds} seconds, and one failed
  request ends the measurement. *kept*: 64 connections (16 for 1 MB); *new*: a connection for each request.
- *CPU* is the processor time of all its processes, in the kernel too, and does not depend on what else the machine does. Requests a
  second and percentiles do.

{table}
{memory}
- Each open connection has had an answer, and has been silent for five seconds. Memory is the proportional set of all processes (PSS):
  what several of them have in common, their program above all, counts once. The gateway's is that of supervisor and worker.
",
        system = system(),
        nginx = version("nginx", "-v", "nginx version: nginx/", "nginx "),
        haproxy = version("haproxy", "-v", "HAProxy version ", "HAProxy "),
        table = table::render(&HEAD, &cells, 2),
        memory = table::render(&head, &used, 1),
    )
}

fn cells(row: &Row, all: &[Row]) -> Vec<String> {
    let of = |pick: fn(&Sample) -> u64| median(row.samples.iter().map(pick));
    let nginx = all.iter().find(|one| one.case == row.case && one.who == Contestant::Nginx);
    let base = nginx.map_or(0, |one| median(one.samples.iter().map(|s| s.per_second)));
    let millis = |micros: u64| format!("{:.2}", micros as f64 / 1e3);
    let own = row.who == Contestant::Direct;
    vec![
        row.case.name.to_owned(),
        row.who.name().to_owned(),
        of(|s| s.per_second).to_string(),
        format!("{:.2}", of(|s| s.per_second) as f64 / base.max(1) as f64),
        if own { String::new() } else { format!("{:.1}", of(|s| s.cpu_ns) as f64 / 1e3) },
        millis(of(|s| s.p50)),
        millis(of(|s| s.p99)),
        millis(of(|s| s.p999)),
    ]
}

/// The first word after what a program says before its version.
fn version(program: &str, flag: &str, before: &str, name: &str) -> String {
    let said = shell::output(&mut shell::command(program, &[flag])).map_or_else(
        |_| String::new(),
        |output| {
            let all = [output.stdout, output.stderr].concat();
            String::from_utf8_lossy(&all).into_owned()
        },
    );
    let version = said.lines().find_map(|line| line.strip_prefix(before)?.split([' ', '-']).next());
    format!("{name}{}", version.unwrap_or("?"))
}
