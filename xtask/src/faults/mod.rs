//! `cargo xtask faults`: every fault, on a machine in memory and on a real engine, and a table of how it ended.

mod run;
mod tally;

pub(crate) use run::{Options, run};
