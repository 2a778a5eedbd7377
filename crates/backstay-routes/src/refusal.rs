//! Why the gateway did not do what it was asked for.

use serde::{Deserialize, Serialize};

/// Shorthand for results of this crate.
pub type Result<T, E = Refusal> = std::result::Result<T, E>;

/// A request that was refused. Whatever was in force before it is in force still.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// For programs.
    pub kind: RefusalKind,
    /// For people: what, where, and what to do.
    pub message: String,
}

/// What kind of refusal it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalKind {
    /// The line is no request that the gateway knows.
    Malformed,
    /// The snapshot's format is newer than the gateway knows.
    Format,
    /// The snapshot's generation is not greater than the one in force.
    Stale,
    /// The snapshot contradicts itself.
    Invalid,
    /// A listener can't be bound.
    Bind,
    /// The state folder can't be written.
    State,
    /// Another connection holds the service, or an upgrade is not possible now.
    Busy,
    /// No such service, or no such target.
    Unknown,
    /// There is no hold of this connection: it has never been, or its lease has ended.
    NotHeld,
    /// The upgrade failed, and nothing has changed.
    Upgrade,
    /// A kind of a newer gateway.
    #[serde(other)]
    Other,
}

impl Refusal {
    /// A refusal with its words.
    pub fn new(kind: RefusalKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}
