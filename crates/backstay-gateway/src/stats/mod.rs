//! Counting, without locks.

mod counts;
mod histogram;
mod metrics;

pub(crate) use counts::{Counts, Problem};
pub(crate) use metrics::render;
