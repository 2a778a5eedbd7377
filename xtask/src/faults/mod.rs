//! `cargo xtask faults`: every fault that can be made without an engine, and a table of how it ended.

mod run;
mod tally;

pub(crate) use run::{Options, run};
