//! What the gateway says of itself: a line on standard error each, which the engine keeps as the container's log.

use std::fmt;
use std::io::Write;

/// Says something. Nobody listens where standard error is gone, and that must not stop anything.
pub(crate) fn write(line: fmt::Arguments<'_>) {
    let text = format!("backstay-gateway[{}]: {line}\n", std::process::id());
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

macro_rules! say {
    ($($part:tt)*) => { crate::log::write(format_args!($($part)*)) };
}

pub(crate) use say;
