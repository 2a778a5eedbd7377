//! Which rows of progress are shown: one for the step that runs, one for each busy service.

use std::time::Instant;

use crate::ui::Row;

/// Rows by what they belong to, oldest first.
#[derive(Debug, Default)]
pub(super) struct Progress {
    rows: Vec<Shown>,
}

#[derive(Debug)]
struct Shown {
    key: String,
    text: String,
    since: Instant,
}

impl Progress {
    /// Shows this text for that key; the time goes on from where it began.
    pub(super) fn set(&mut self, key: &str, text: String) {
        match self.rows.iter_mut().find(|entry| entry.key == key) {
            Some(entry) => entry.text = text,
            None => self.rows.push(Shown { key: key.to_owned(), text, since: Instant::now() }),
        }
    }

    /// Shows nothing for that key any more.
    pub(super) fn remove(&mut self, key: &str) {
        self.rows.retain(|entry| entry.key != key);
    }

    /// Shows nothing.
    pub(super) fn clear(&mut self) {
        self.rows.clear();
    }

    /// The rows.
    pub(super) fn rows(&self) -> Vec<Row> {
        self.rows
            .iter()
            .map(|entry| Row { text: entry.text.clone(), elapsed: entry.since.elapsed() })
            .collect()
    }
}
