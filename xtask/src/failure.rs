//! The one error of `xtask`: what failed, and what a person can do about it.

use std::io;
use std::path::Path;
use std::thread::ScopedJoinHandle;

pub(crate) type Result<T> = std::result::Result<T, Failure>;

#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) what: String,
    pub(crate) hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), hint: None }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// For `map_err` on file operations.
    pub(crate) fn on(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |e| Self::new(format!("{}: {e}", path.display()))
    }
}

/// What came of a thread. A panic of it goes on.
pub(crate) fn joined<T>(thread: ScopedJoinHandle<'_, Result<T>>) -> Result<T> {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
