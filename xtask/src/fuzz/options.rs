//! What can be chosen for a run.

/// How long a target is run when nobody says, in seconds.
pub(crate) const SECONDS: u64 = 10;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Options {
    /// How long each target is run.
    pub(crate) seconds: u64,
    /// Where the fuzzer's choices begin; anywhere where nobody says.
    pub(crate) seed: Option<u64>,
    /// Which ones; all where none is named.
    pub(crate) targets: Vec<String>,
}
