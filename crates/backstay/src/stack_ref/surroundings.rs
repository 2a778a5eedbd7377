//! What the search for a stack depends on besides the flags, and why it fails.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use backstay_core::Error;

use super::paths::working_directory;

/// What the search depends on besides the flags.
pub(crate) struct Surroundings<'a> {
    /// The working directory.
    pub(crate) directory: PathBuf,
    /// The environment.
    pub(crate) env: &'a dyn Fn(&str) -> Option<OsString>,
}

/// Why no stack was found.
#[derive(Debug)]
pub(crate) enum LocateError {
    /// `-f -`.
    Stdin,
    /// A file that is not on this machine.
    Remote(String),
    /// Anything else.
    Core(Error),
}

impl From<Error> for LocateError {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

impl<'a> Surroundings<'a> {
    /// Those of this process.
    pub(crate) fn of_process(
        env: &'a dyn Fn(&str) -> Option<OsString>,
    ) -> Result<Self, LocateError> {
        let directory = working_directory(env("PWD").map(PathBuf::from))
            .map_err(|error| Error::io("reading", Path::new("."), error))?;
        Ok(Self { directory, env })
    }

    /// A variable, where it is set.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        (self.env)(name).map(|value| value.to_string_lossy().into_owned())
    }

    /// A variable, where it is set and not empty.
    pub(super) fn filled(&self, name: &str) -> Option<String> {
        self.text(name).filter(|value| !value.is_empty())
    }
}
