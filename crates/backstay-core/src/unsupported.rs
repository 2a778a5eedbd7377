//! What of a model can't be carried out.

/// A part of a model that can't be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported {
    /// The service; `None` for a key at the top.
    pub service: Option<String>,
    /// The key.
    pub key: String,
    /// Why.
    pub reason: Unsupportable,
}

/// Why a part of a model can't be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsupportable {
    /// Compose does something for it that is not done here.
    NotDone,
    /// It is newer than this program.
    NotKnown,
    /// A file without a source on the host can't be put into a container that is read-only.
    ReadOnly {
        /// The config or secret.
        name: String,
    },
    /// Compose itself knows the key and does not carry it out yet.
    NotYet,
}
