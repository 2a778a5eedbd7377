//! How a run ends.

use serde::{Deserialize, Serialize};

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The new release runs.
    Deployed,
    /// The old release runs.
    RolledBack,
    /// Something could not be undone, and a person is needed.
    Stuck,
}
