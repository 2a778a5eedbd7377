//! A state on a disk of its own, and a small one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{Run, Stack, inner, page, port, web};

/// A disk of this size; gone when dropped.
struct Disk(tempfile::TempDir);

impl Disk {
    /// `None` for who may not mount one.
    fn new(megabytes: u32) -> Option<Self> {
        let place = tempfile::Builder::new().prefix("backstay-t-").tempdir().unwrap();
        let size = format!("size={megabytes}m,mode=700");
        let mut mount = Command::new("mount");
        let mount = mount.args(["-t", "tmpfs", "-o", &size, "none"]).arg(place.path());
        if mount.status().is_ok_and(|status| status.success()) {
            return Some(Self(place));
        }
        eprintln!("not run: no file system can be mounted here");
        None
    }

    fn state(&self) -> PathBuf {
        self.0.path().join("state")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

fn backstay(stack: &Stack, state: &Path, arguments: &[&str]) -> Run {
    let output = stack.command(arguments).env("BACKSTAY_STATE", state).output().unwrap();
    Run::new(arguments, &output)
}

/// Bytes that nothing makes smaller.
fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    };
    std::iter::repeat_with(next).take(len).collect()
}

#[test]
fn what_does_not_fit_is_refused_before_anything_is_built() {
    let (Some(stack), Some(disk)) = (Stack::new("dk-full"), Disk::new(66)) else { return };
    let dockerfile = "FROM scratch\nCOPY demo-server /demo-server\nCOPY noise /noise\nARG VERSION=1\nENV VERSION=$VERSION\nENTRYPOINT [\"/demo-server\"]\n";
    stack.write("Dockerfile", dockerfile).compose_file(&inner("one"));
    fs::write(stack.path().join("noise"), noise(24 << 20, 1)).unwrap();
    backstay(&stack, &disk.state(), &["deploy", "--yes"]).ends(0);
    fs::write(stack.path().join("noise"), noise(24 << 20, 2)).unwrap();
    let before = stack.picture();
    backstay(&stack, &disk.state(), &["deploy", "--yes"]).ends(6).says("one").says("--no-backup");
    assert_eq!(stack.picture(), before);
    backstay(&stack, &disk.state(), &["deploy", "--yes", "--no-backup"]).ends(0);
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn what_is_kept_moves_to_another_disk() {
    let (Some(stack), Some(disk)) = (Stack::new("dk-move"), Disk::new(300)) else { return };
    let port = port();
    stack.mode("one", "ok").compose_file(&web("one", port));
    for version in ["1", "2"] {
        stack.write(".env", &format!("VERSION={version}\n"));
        stack.backstay(&["deploy"]).ends(0);
    }
    // As it was before there was a state: a folder of the stack's own.
    let entrance = stack.path().join(".backup");
    let backups = fs::read_link(&entrance).unwrap();
    let kept = backups.parent().unwrap();
    for backup in fs::read_dir(&backups).unwrap().map(Result::unwrap) {
        fs::rename(backup.path(), kept.join(backup.file_name())).unwrap();
    }
    fs::remove_dir(&backups).unwrap();
    fs::remove_file(&entrance).unwrap();
    fs::rename(kept, &entrance).unwrap();
    backstay(&stack, &disk.state(), &["rollback", "--yes"]).ends(0);
    assert_eq!(page(port, "/version").as_deref(), Some("1"));
    let now = fs::read_link(&entrance).unwrap();
    assert!(now.starts_with(disk.state()), "{}", now.display());
    backstay(&stack, &disk.state(), &["backups", "verify"]).ends(0);
    assert!(!now.parent().unwrap().join("moved-from").exists());
    let names = fs::read_dir(&now).unwrap().map(|entry| entry.unwrap().file_name());
    let names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    assert!(names.iter().all(|name| name.starts_with("20")) && !names.is_empty(), "{names:?}");
}
