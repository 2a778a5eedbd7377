//! What git says of a stack's folder, where that is a work tree and git is there.

use std::path::Path;
use std::process::{Command, Stdio};

/// The tracked files of the folder that are not as they were committed.
pub(crate) fn changed(directory: &Path) -> Vec<String> {
    let git = Command::new("git")
        .arg("-C")
        .arg(directory)
        .args(["status", "--porcelain=v1", "-z", "--untracked-files=no", "--no-renames", "--", "."])
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    match git {
        Ok(output) if output.status.success() => paths(&output.stdout),
        _ => Vec::new(),
    }
}

/// Two letters and a space stand before each path.
fn paths(output: &[u8]) -> Vec<String> {
    let entries = output.split(|byte| *byte == 0);
    let paths = entries.filter_map(|entry| entry.get(3..)).filter(|path| !path.is_empty());
    paths.map(|path| String::from_utf8_lossy(path).into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_from_what_git_prints() {
        assert_eq!(
            paths(b" M docker-compose.yml\0 D a b.env\0"),
            ["docker-compose.yml", "a b.env"]
        );
        assert!(paths(b"").is_empty());
    }

    #[test]
    fn what_is_no_work_tree_has_none() {
        assert!(changed(tempfile::tempdir().unwrap().path()).is_empty());
    }
}
