//! Paths as Compose makes them absolute: by their text, without following links.

use std::path::{Component, Path, PathBuf};

/// The path below `base`, without `.` and `..`.
pub(super) fn absolute(base: &Path, path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in base.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// The working directory as the shell names it: where it was reached through a link, the link's name counts, for
/// Compose derives the project's name from it.
pub(super) fn working_directory(named: Option<PathBuf>) -> std::io::Result<PathBuf> {
    let real = std::env::current_dir()?;
    let same = |named: &PathBuf| {
        named.is_absolute()
            && std::fs::canonicalize(named).ok() == std::fs::canonicalize(&real).ok()
    };
    Ok(named.filter(same).map_or(real, |named| absolute(&named, Path::new(""))))
}
