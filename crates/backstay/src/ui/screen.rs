//! Where lines go. A reporter neither knows nor waits for what is behind it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Takes lines, and rows of progress that are replaced again and again.
pub trait Screen: Send + Sync {
    /// A line that stays.
    fn line(&self, text: &str);

    /// What is going on right now; shown below the lines where that can be done, and dropped elsewhere.
    fn progress(&self, rows: Vec<Row>);

    /// Text without a line break, in front of an answer. Returns when it can be read.
    fn prompt(&self, text: &str);

    /// Whether progress is shown.
    fn is_live(&self) -> bool;
}

/// A row of progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What is going on.
    pub text: String,
    /// How long it had been going on when the row was made.
    pub elapsed: Duration,
}

/// Keeps lines, for tests.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    text: Arc<Mutex<String>>,
    live: bool,
    progress: Arc<Mutex<Vec<Row>>>,
}

impl Memory {
    /// One that says that it shows progress.
    #[must_use]
    pub fn live() -> Self {
        Self { live: true, ..Self::default() }
    }

    /// All lines so far.
    #[must_use]
    pub fn text(&self) -> String {
        held(&self.text).clone()
    }

    /// The rows that are shown now.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        held(&self.progress).clone()
    }
}

fn held<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Screen for Memory {
    fn line(&self, text: &str) {
        let mut all = held(&self.text);
        all.push_str(text);
        all.push('\n');
    }

    fn progress(&self, rows: Vec<Row>) {
        *held(&self.progress) = rows;
    }

    fn prompt(&self, text: &str) {
        held(&self.text).push_str(text);
    }

    fn is_live(&self) -> bool {
        self.live
    }
}
