//! What came of a command in a container.

/// What came of a command in a container.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ran {
    /// Its exit code, where the engine knows it.
    pub code: Option<i64>,
    /// The last lines that it wrote to standard error, or in all where its output was not wanted; oldest first.
    pub words: Vec<String>,
}
