//! `cargo xtask bench`: Backstay beside plain Compose, on the same change, in one run; what keeping images costs; and the gateway beside
//! others.

mod fleet;
pub(crate) mod gateway;
mod page;
mod rate;
mod row;
mod run;
pub(crate) mod vault;

pub(crate) use run::{Options, run};
