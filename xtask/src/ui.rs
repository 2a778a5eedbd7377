//! All that `xtask` prints.
#![allow(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "printing is what this module is for"
)]

use crate::failure::Failure;

/// What is being done now.
pub(crate) fn step(text: &str) {
    eprintln!("==> {text}");
}

/// Something to know, in its own line or lines.
pub(crate) fn note(text: &str) {
    println!("{text}");
}

/// A line of another program's output.
pub(crate) fn quote(line: &str) {
    eprintln!("    {line}");
}

/// Something that is not as it should be but ends nothing.
pub(crate) fn warn(text: &str) {
    eprintln!("warning: {text}");
}

/// Why it ended.
pub(crate) fn failure(failure: &Failure) {
    eprintln!("error: {}", failure.what);
    if let Some(hint) = &failure.hint {
        eprintln!("\nhint: {hint}");
    }
}
