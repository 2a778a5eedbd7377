//! Why something could not be undone.

use crate::engine::{EngineError, EngineErrorKind};
use crate::error::Error;

/// Why something could not be undone, for a person and for the record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Trouble {
    /// In words.
    pub message: String,
    /// Whether the engine has lost count, so that a new start of it helps.
    pub lost_count: bool,
    /// The folders that have to go, where that does not.
    pub remains: Vec<String>,
}

impl Trouble {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    /// All of them as one; none is success.
    pub(crate) fn all(found: impl IntoIterator<Item = Self>) -> Result<(), Self> {
        found.into_iter().reduce(Self::and).map_or(Ok(()), Err)
    }

    /// The same, of what was done side by side.
    pub(crate) fn of(done: impl IntoIterator<Item = Result<(), Self>>) -> Result<(), Self> {
        Self::all(done.into_iter().filter_map(Result::err))
    }

    fn and(self, other: Self) -> Self {
        let message = format!("{}; {}", self.message, other.message);
        let remains = [self.remains, other.remains].concat();
        Self { message, lost_count: self.lost_count || other.lost_count, remains }
    }
}

impl From<EngineError> for Trouble {
    fn from(error: EngineError) -> Self {
        let lost_count = error.kind == EngineErrorKind::LostCount;
        Self { message: error.to_string(), lost_count, remains: error.remains }
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        match error {
            Error::Engine(error) => error.into(),
            error => Self::new(error.to_string()),
        }
    }
}
