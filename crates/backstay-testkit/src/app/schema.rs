//! The schema of a pretended database: a number in a file of the volume.

use std::path::Path;
use std::{fs, io};

const FILE: &str = "/data/schema";

/// The number that is there; 0 where nothing is.
pub(super) fn current() -> u64 {
    let text = fs::read_to_string(FILE).unwrap_or_default();
    text.trim().parse().unwrap_or(0)
}

/// Brings it to `wanted`, unless it is there already.
pub(super) fn migrate(wanted: u64) -> io::Result<()> {
    if current() >= wanted {
        return Ok(());
    }
    let fresh = Path::new(FILE).with_extension("new");
    fs::write(&fresh, wanted.to_string())?;
    fs::rename(&fresh, FILE)
}
