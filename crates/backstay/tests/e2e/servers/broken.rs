//! Data that can't be saved: the run fails, says why, and nothing has changed.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::image::Server;
use super::shop::Shop;
use crate::harness::is_thorough;

/// A file system of its own in memory. What is in it goes with it.
struct Mount(tempfile::TempDir);

impl Mount {
    fn new(size: &str) -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("backstay-m-").tempdir().unwrap();
        let mut command = Command::new("mount");
        let command = command.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]);
        if !command.arg(folder.path()).output().is_ok_and(|output| output.status.success()) {
            eprintln!("not run: nothing can be mounted here");
            return None;
        }
        Some(Self(folder))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).output();
    }
}

/// No backup has been left, nor half of one.
#[track_caller]
fn is_clean(state: &Path) {
    let mut folders = vec![state.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap()) {
            let name = entry.file_name().to_string_lossy().into_owned();
            assert!(!name.contains("_backup."), "{} was left", entry.path().display());
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            }
        }
    }
}

#[test]
fn a_dump_that_fails_leaves_everything_as_it_was() {
    let half = "{dump: {command: [sh, -c, 'echo half; kill -9 $$$$'], end: '-- whole'}}";
    let Some(shop) = Shop::new("srv-broken", Server::Valkey, half, "") else { return };
    shop.says("null", "").deploy().ends(0);
    let account = shop.answers("1").writes(3);
    let before = shop.stack.picture();
    let kinds = [
        (half, "137"),
        ("{dump: {command: [sh, -c, 'echo half'], end: '-- whole'}}", "end"),
        ("{dump: {command: ['true']}}", "nothing"),
        ("{dump: {command: [no-such-program]}}", "exit code 12"),
        ("{dump: {command: [sleep, '600']}, timeout: 2s}", "2"),
        ("{dump: {command: [echo, rows]}, encrypt: [sh, -c, 'exit 4']}", "exit code 4"),
    ];
    for (data, says) in kinds.into_iter().step_by(if is_thorough() { 1 } else { 3 }) {
        shop.says(data, "").version("2", false);
        let run = shop.deploy();
        assert!(![Some(0), Some(12)].contains(&run.code), "{}", run.screen);
        run.says(says);
        shop.answers("1").has(&account, true);
        let after = shop.stack.picture();
        assert_eq!((&after.containers, &after.tags), (&before.containers, &before.tags), "{data}");
        is_clean(&shop.stack.state());
    }
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_disk_that_fills_up_leaves_everything_as_it_was() {
    let Some(shop) = Shop::new("srv-full", Server::Valkey, "null", "") else { return };
    // Outside of the disk that fills up.
    let Some(mount) = Mount::new("300m") else { return };
    let state = mount.0.path().join("state");
    let run = || {
        let mut command = shop.stack.command(&["deploy", "--yes"]);
        let output = command.env("BACKSTAY_STATE", &state).output().unwrap();
        crate::harness::Run::new(&["deploy", "--yes"], &output)
    };
    run().ends(0);
    let account = shop.answers("1").writes(3);
    let before = shop.stack.picture();
    let much = "{dump: {command: [sh, -c, 'head -c 400000000 /dev/urandom'], compress: false}}";
    shop.says(much, "").version("2", false);
    let failed = run();
    assert!(![Some(0), Some(12)].contains(&failed.code), "{}", failed.screen);
    let failed = failed.screen.to_lowercase();
    assert!(failed.contains("space") || failed.contains("full"), "{failed}");
    shop.answers("1").has(&account, true);
    let after = shop.stack.picture();
    assert_eq!((&after.containers, &after.tags), (&before.containers, &before.tags));
    is_clean(&state);
}
