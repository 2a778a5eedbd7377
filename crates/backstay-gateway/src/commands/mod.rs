//! What the program can be asked for on its command line.

mod arguments;
mod ctl;
mod healthcheck;
mod receive;
mod run;

pub use run::run;
