//! What containerd left of a container that has ended, where it keeps that container from starting.

use std::path::{Path, PathBuf};

/// The folder that was to be made for a container and was there already, where its start was refused for that. Others that are there
/// already are the container's own: what it mounts is named by somebody.
pub(crate) fn place(message: &str, container: &str) -> Option<PathBuf> {
    let (_, after) = message.split_once("failed to create task for container: ")?;
    let (_, after) = after.split_once("mkdir ")?;
    let (folder, _) = after.split_once(": file exists")?;
    let folder = PathBuf::from(folder);
    let is_its = folder.file_name()?.to_str()?.starts_with(container);
    is_its.then_some(folder)
}

/// The folders that have to go, where a new start of the engine does not take them away. containerd renames such a folder
/// to one with a dot before its name and deletes that. Where one of that name is left it can't, now and after each start.
pub(crate) fn stuck(place: &Path) -> Option<Vec<String>> {
    let name = place.file_name()?.to_str()?;
    let hidden = place.with_file_name(format!(".{name}"));
    let folders = [place, &hidden];
    let is_stuck = hidden.is_dir() && !are_lived_in(folders);
    is_stuck.then(|| folders.map(|folder| folder.display().to_string()).to_vec())
}

/// Whether a process has its place in one of them: what looks after a container that runs has.
fn are_lived_in(folders: [&Path; 2]) -> bool {
    let folders = folders.map(|folder| folder.canonicalize().ok());
    let mut processes = std::fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    processes.any(|process| {
        let place = std::fs::read_link(process.path().join("cwd")).ok();
        place.is_some() && folders.contains(&place)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_read_from_what_the_engine_says() {
        let begin = "failed to create task for container: ";
        let said = |words: &str| place(&format!("{begin}{words}"), "f4f3");
        let place = Some("/run/containerd/moby/f4f3".into());
        // containerd 1 and 2.
        let old = "failed to start shim: mkdir /run/containerd/moby/f4f3: file exists: unknown";
        assert_eq!(said(old), place);
        assert_eq!(said("mkdir /run/containerd/moby/f4f3: file exists"), place);
        assert_eq!(said("failed to start shim: fork/exec /usr/bin/shim: no such file"), None);
        assert_eq!(said("OCI runtime create failed: mkdir /data/f4f: file exists"), None);
    }

    #[test]
    fn only_a_place_that_can_t_be_renamed_is_stuck() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("f4f3");
        std::fs::create_dir(&place).unwrap();
        assert_eq!(stuck(&place), None);
        let hidden = folder.path().join(".f4f3");
        std::fs::create_dir(&hidden).unwrap();
        let both = [&place, &hidden].map(|folder| folder.display().to_string()).to_vec();
        assert_eq!(stuck(&place), Some(both));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_place_where_something_runs_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (place, hidden) = (folder.path().join("f4f3"), folder.path().join(".f4f3"));
        std::fs::create_dir(&place).unwrap();
        std::fs::create_dir(&hidden).unwrap();
        let mut child = std::process::Command::new("cat")
            .current_dir(&hidden)
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        assert_eq!(stuck(&place), None);
        drop(child.stdin.take());
        child.wait().unwrap();
        assert!(stuck(&place).is_some());
    }
}
