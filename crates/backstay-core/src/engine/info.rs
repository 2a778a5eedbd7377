//! What the engine says of itself and its machine.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What the engine says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineInfo {
    /// The engine's version.
    pub engine: String,
    /// The API version agreed on.
    pub api: String,
    /// The version of Compose.
    pub compose: String,
    /// The engine's address.
    pub host: String,
}

/// What containers use of a machine's memory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MemoryUse {
    /// Bytes that are free.
    pub free: u64,
    /// Bytes that each container uses, by its id.
    pub used: BTreeMap<String, u64>,
}
