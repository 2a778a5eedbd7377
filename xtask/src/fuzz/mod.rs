//! `cargo xtask fuzz`: the fuzz targets of `fuzz/`, with the compiler that is there.

mod build;
mod options;
mod report;
mod run;
mod target;

pub(crate) use options::{Options, SECONDS};
pub(crate) use run::run;
