//! `cargo xtask demo`: the example stack, deployed, broken in several ways and rolled back, under a
//! constant load of requests, with what each of these cost.

mod attempt;
mod scenario;
mod shop;

pub(crate) use scenario::{Options, run};
