//! The few variables of an env file that say where the stack is. Everything else in it is Compose's to read.

use std::path::Path;

use backstay_core::stack::env_value;

/// The value of a variable in an env file. A file that can't be read has none: Compose itself complains about it.
pub(super) fn value(file: &Path, name: &str) -> Option<String> {
    let bytes = std::fs::read(file).ok()?;
    env_value(&String::from_utf8_lossy(&bytes), name)
}
