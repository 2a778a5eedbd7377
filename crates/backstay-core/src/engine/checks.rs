//! What containers can be asked, and what they say.

use std::collections::BTreeSet;

use crate::stack::Probe;

/// What a container can be asked about itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnChecks {
    /// Its healthcheck, with the engine's own defaults, where it has one that is not disabled.
    pub healthcheck: Option<Probe>,
    /// The TCP ports that it exposes: those of the model and those of its image.
    pub ports: BTreeSet<u16>,
}

/// What came of a health check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It passed.
    Passed,
    /// It failed; why, in a line.
    Failed(String),
    /// The container can't be reached from here, so that nothing can be said; why.
    OutOfReach(String),
}

/// How it is with the TCP ports of the host that a container has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostPorts {
    /// Those at which somebody answers.
    pub answered: BTreeSet<u16>,
    /// Those at which nobody does, though the container listens.
    pub unanswered: BTreeSet<u16>,
}
