//! Who holds a lock.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Who holds the lock. What stands in the lock file is for people; the lock itself is the operating system's, so that it
/// goes with its process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Process id.
    pub pid: u32,
    /// Host name.
    pub host: String,
    /// What it runs.
    pub command: String,
    /// Since when, RFC 3339.
    pub since: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "`{}`, process {} on {}, since {}",
            self.command, self.pid, self.host, self.since
        )
    }
}

impl Holder {
    /// Reads a lock file. Where it does not say who it is, there is still somebody.
    #[must_use]
    pub fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_else(|_| {
            let unknown = || "?".to_owned();
            Self { pid: 0, host: unknown(), command: unknown(), since: unknown() }
        })
    }

    /// This process.
    pub fn this_process(host: &str, command: &str, since: String) -> Self {
        let (host, command) = (host.to_owned(), command.to_owned());
        Self { pid: std::process::id(), host, command, since }
    }
}
