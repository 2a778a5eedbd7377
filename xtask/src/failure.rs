//! The one error of `xtask`: what failed, and what a person can do about it.

use std::io;
use std::path::Path;

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
