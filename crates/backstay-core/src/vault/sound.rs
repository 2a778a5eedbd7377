//! What an export must not be: damaged, or with paths that lead outside.

use std::io;

/// A path that stays where it belongs.
pub(super) fn checked(bytes: &[u8]) -> io::Result<String> {
    let path = std::str::from_utf8(bytes).map_err(|_| damaged("a path is not UTF-8"))?;
    let leaves = path.split(['/', '\\']).any(|part| part == "..");
    if path.is_empty() || path.starts_with(['/', '\\']) || leaves || path.contains(':') {
        return Err(damaged(&format!("`{path}` leads outside")));
    }
    Ok(path.to_owned())
}

/// The export is damaged.
pub(super) fn damaged(problem: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the export is damaged: {problem}"))
}
