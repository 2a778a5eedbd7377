//! How it went on one engine.

use super::kind::Kind;
use super::outcome::Outcome;
use crate::beside::Versions;

/// An engine, what it said that it is, and what its tests said.
#[derive(Debug)]
pub(super) struct Trial {
    pub(super) kind: Kind,
    pub(super) versions: Versions,
    pub(super) outcome: Outcome,
}
