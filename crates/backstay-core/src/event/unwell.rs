//! What is not well.

use serde::{Deserialize, Serialize};

use crate::engine::{Health, Status};

/// A container that is not well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unwell {
    /// Its service.
    pub service: String,
    /// Its name.
    pub container: String,
    /// Its status.
    pub status: Status,
    /// How often its policy has restarted it.
    pub restarts: u32,
    /// The exit code of its last end, where it is known.
    pub code: Option<i64>,
    /// Its health, where it has one.
    pub health: Option<Health>,
}
