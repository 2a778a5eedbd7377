//! Host ports that are wanted, and those who have them.

use crate::stack::Port;

/// A host port that a service wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortClaim {
    /// The service.
    pub service: String,
    /// The port; `published` is set.
    pub port: Port,
}

/// A claim that somebody outside of the project already holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortConflict {
    /// The service that wants it.
    pub service: String,
    /// `[address:]port/protocol`.
    pub port: String,
    /// The container that has it, or `None` for another process.
    pub container: Option<String>,
}
