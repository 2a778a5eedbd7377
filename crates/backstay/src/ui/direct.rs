//! What goes out at once: errors, and answers that come before there is a screen.

use std::io::Write;

/// Writes to stderr; what can't be written is dropped.
pub(crate) fn complain(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = writeln!(stderr, "{}", text.trim_end());
}

/// Writes to stdout; what can't be written is dropped.
pub(crate) fn answer(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = writeln!(stdout, "{}", text.trim_end()).and_then(|()| stdout.flush());
}
