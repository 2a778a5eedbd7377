//! The mark of a run on the engine.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::holder::Holder;

/// Who works on a project: a mark on the engine, for those on other machines and with another state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Tells it from every other one.
    pub token: String,
    /// Where it works.
    pub holder: Holder,
    /// The lock that it holds there.
    pub lock: PathBuf,
}
