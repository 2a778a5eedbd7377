//! What can't be brought back.

use serde::{Deserialize, Serialize};

/// Something that a release had otherwise, and that can't be brought back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Lost {
    /// Its path.
    pub path: String,
    /// Why.
    pub why: Obstruction,
}

/// Why a file or a folder of a release can't be brought back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Obstruction {
    /// It is neither in the repository of the stack nor beside the stack's folder.
    Far,
    /// Containers that are not the stack's mount it too.
    Shared {
        /// One of them.
        container: String,
    },
    /// The release has no copy of it.
    NoCopy,
    /// A folder that is too large, or has more in it than files.
    NotKept,
}
