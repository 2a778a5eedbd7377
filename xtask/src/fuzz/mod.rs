//! `cargo xtask fuzz`: the fuzz targets of `fuzz/`, with the compiler that is there.

mod build;
mod report;
mod run;
mod target;

pub(crate) use run::{Options, SECONDS, run};
