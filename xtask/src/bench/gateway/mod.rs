//! `cargo xtask bench gateway`: the gateway beside HAProxy and nginx, on the same core, in turns, in one run.

mod contestants;
mod measure;
mod memory;
mod page;

use crate::failure::{Failure, Result};
use crate::{cargo, interrupt, shell, ui};
use contestants::{Contestant, Field};
use measure::Sample;

const ROUNDS: usize = 5;
/// How many connections are open when memory is measured.
const OPEN: [usize; 2] = [1000, 8000];

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Case {
    name: &'static str,
    path: &'static str,
    /// Passed through as bytes.
    tcp: bool,
    /// A connection for each request.
    new: bool,
    clients: usize,
}

const CASES: [Case; 6] = [
    Case { name: "HTTP, 1 KB, kept", path: "1k", tcp: false, new: false, clients: 64 },
    Case { name: "HTTP, 1 KB, new", path: "1k", tcp: false, new: true, clients: 64 },
    Case { name: "HTTP, 1 MB, kept", path: "1m", tcp: false, new: false, clients: 16 },
    Case { name: "TCP, 1 KB, kept", path: "1k", tcp: true, new: false, clients: 64 },
    Case { name: "TCP, 1 KB, new", path: "1k", tcp: true, new: true, clients: 64 },
    Case { name: "TCP, 1 MB, kept", path: "1m", tcp: true, new: false, clients: 16 },
];

/// The numbers of one contestant in one case.
pub(super) struct Row {
    case: Case,
    who: Contestant,
    samples: Vec<Sample>,
}

/// The memory of one contestant, in KiB, without connections and with each number of `OPEN`.
pub(super) struct Memory {
    who: Contestant,
    kib: Vec<u64>,
}

/// Measures and writes its part of `docs/benchmarks.md`.
pub(crate) fn run(quick: bool) -> Result<()> {
    interrupt::catch()?;
    for program in ["wrk", "nginx", "haproxy", "taskset"] {
        if !shell::exists(program) {
            let hint = "apt install wrk nginx libnginx-mod-stream haproxy util-linux";
            return Err(Failure::new(format!("there is no `{program}`")).hint(hint));
        }
    }
    let field = Field::start()?;
    let (rounds, seconds) = if quick { (1, 2) } else { (ROUNDS, 5) };
    let mut rows: Vec<Row> = CASES
        .iter()
        .flat_map(|case| Contestant::ALL.map(|who| Row { case: *case, who, samples: Vec::new() }))
        .collect();
    let mut turns = 0;
    for round in 0..rounds {
        for case in &CASES {
            ui::step(&format!("{}, round {}", case.name, round + 1));
            let group: Vec<usize> = (0..rows.len()).filter(|i| rows[*i].case == *case).collect();
            for turn in 0..group.len() {
                // Another one begins each time: whatever else the machine does is nobody's alone.
                let row = &mut rows[group[(round + turn) % group.len()]];
                row.samples.push(measure::sample(&field, row.who, case, seconds, turns)?);
                turns += 1;
                interrupt::pause(std::time::Duration::ZERO)?;
            }
        }
    }
    ui::step("memory");
    let memory = memory::measure(&field)?;
    let path = cargo::root().join("docs/benchmarks.md");
    let part = page::part(&rows, &memory, rounds, seconds);
    super::page::replace(&path, super::page::Part::Gateway, &part)?;
    ui::note(&part);
    Ok(())
}
