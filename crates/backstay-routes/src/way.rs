//! What the gateway finds where its routes lead.

use serde::{Deserialize, Serialize};

/// A port of a target to which a route leads, and what is found there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Way {
    /// The service's name.
    pub service: String,
    /// The target's id.
    pub target: String,
    /// The port of the container.
    pub port: u16,
    /// What is found there.
    pub found: Found,
}

/// What is found at the end of a way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// A connection is accepted.
    Accepts,
    /// It is refused: nobody listens there, or something in between says so.
    Refuses,
    /// Nothing comes back.
    Silent,
    /// The target has no address.
    Nowhere,
    /// Something of a newer gateway.
    #[serde(other)]
    Other,
}
