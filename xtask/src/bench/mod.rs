//! `cargo xtask bench deploy`: Backstay beside plain Compose, on the same change, in one run.

mod fleet;
mod page;
mod run;

pub(crate) use run::{Options, run};
