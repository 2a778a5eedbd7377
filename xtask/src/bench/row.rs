//! The numbers that are measured of deploys.

use super::fleet::Change;
use std::time::Duration;

/// One tool's numbers for one size and one kind of change.
pub(super) struct Row {
    pub(super) size: usize,
    pub(super) change: Change,
    pub(super) tool: &'static str,
    pub(super) samples: Vec<Sample>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    pub(super) took: Duration,
    pub(super) failed: u64,
    pub(super) outage: Duration,
}
