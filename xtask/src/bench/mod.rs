//! `cargo xtask bench`: Backstay beside plain Compose, on the same change, in one run; and what keeping images costs.

mod fleet;
mod page;
mod run;
pub(crate) mod vault;

pub(crate) use run::{Options, run};
