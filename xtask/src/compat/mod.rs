//! `cargo xtask compat`: the end-to-end tests on several engines, and the page that says how they went.

mod differences;
mod kind;
mod outcome;
mod page;
mod programs;
mod run;
mod store;
mod trial;

pub(crate) use kind::Kind;
pub(crate) use run::{Options, run};
