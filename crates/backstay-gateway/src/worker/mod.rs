//! The process that does the work.

mod limits;
mod run;
mod start;

pub(crate) use run::run;
