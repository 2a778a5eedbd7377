//! A disk that is full, and one that nobody can write to: small file systems in memory.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use super::ground::{Ground, Running, Verb};
use super::proxy::{Fault, Proxy};
use super::wire::{calls_of, nth};
use super::{chosen, spread};
use crate::harness::Stack;

const KIB: usize = 1024;

/// A file system of its own. What is in it goes with it.
struct Mount(tempfile::TempDir);

impl Mount {
    fn new() -> Option<Self> {
        crate::harness::demo_server()?;
        let folder = tempfile::Builder::new().prefix("backstay-m-").tempdir().unwrap();
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", "size=64m", "tmpfs"]).arg(folder.path());
        if !command.output().is_ok_and(|output| output.status.success()) {
            eprintln!("not run: nothing can be mounted here");
            return None;
        }
        Some(Self(folder))
    }

    fn filler(&self) -> PathBuf {
        self.0.path().join("filler")
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).output();
    }
}

/// Takes all space but so much.
fn fill(filler: &Path, but: usize) {
    let mut file = fs::File::create(filler).unwrap();
    while file.write(&[0; 4 * KIB]).is_ok_and(|count| count == 4 * KIB) {}
    let size = file.metadata().unwrap().len();
    file.set_len(size.saturating_sub(but as u64)).unwrap();
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn the_disk_is_full() {
    let Some(mount) = Mount::new() else { return };
    let Some(stack) = Stack::new("d-full") else { return };
    let mut ground = Ground::of(stack.within(mount.0.path()));
    let kind = "disk full before a run";
    for verb in Verb::some(0) {
        let rooms = [0, 4, 8, 16, 32, 64, 256, 1024, 2048, 4096, 8192];
        for index in chosen(rooms.len(), 1) {
            let before = ground.ready(verb);
            fill(&mount.filler(), rooms[index] * KIB);
            let at = Instant::now();
            let ended = Running::start(&mut ground.command(verb)).end();
            fs::remove_file(mount.filler()).unwrap();
            let what = format!("{verb:?}, {} KiB are left", rooms[index]);
            ground.judge(kind, &what, before, &ended, at);
        }
    }
    let kind = "disk full from a call on";
    for verb in Verb::some(1) {
        for number in spread(calls_of(&mut ground, verb), 3, 0, 1) {
            let (full, empty) = (mount.filler(), mount.filler());
            let heal = move || drop(fs::remove_file(empty));
            in_the_middle(&mut ground, kind, verb, number, move || fill(&full, 0), heal);
        }
    }
    ground.end();
}

/// Nobody can write into the folder any more; what is open stays open.
fn read_only(folder: &Path) {
    let mount = |arguments: &[&str], places: &[&Path]| {
        let status = Command::new("mount").args(arguments).args(places).status();
        assert!(status.unwrap().success());
    };
    mount(&["--bind"], &[folder, folder]);
    mount(&["-o", "remount,ro,bind"], &[folder]);
}

fn writable(folder: &Path) {
    assert!(Command::new("umount").arg("--lazy").arg(folder).status().unwrap().success());
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn the_folder_is_read_only() {
    let Some(_mount) = Mount::new() else { return };
    let Some(mut ground) = Ground::new("d-read") else { return };
    let folder = ground.stack.path().to_owned();
    for verb in Verb::some(2) {
        let before = ground.ready(verb);
        read_only(&folder);
        let at = Instant::now();
        let ended = Running::start(&mut ground.command(verb)).end();
        // Only who has to write files of the stack can't go on: the state is somewhere else.
        let code = if verb == Verb::Rollback { 10 } else { 0 };
        assert_eq!(ended.code, Some(code), "{}", ended.screen);
        for question in [&["status"][..], &["backups"], &["backups", "verify"]] {
            ground.stack.backstay(question).ends(0);
        }
        writable(&folder);
        ground.judge("folder read-only", &format!("{verb:?}"), before, &ended, at);
    }
    read_only_from_a_call_on(&mut ground, "folder read-only from a call on", &folder, 1);
    ground.end();
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn the_state_is_read_only() {
    let Some(_mount) = Mount::new() else { return };
    let Some(mut ground) = Ground::new("d-state") else { return };
    let state = ground.stack.state();
    read_only_from_a_call_on(&mut ground, "state read-only from a call on", &state, 2);
    ground.end();
}

/// What is open stays open: it is what comes next that can't be written.
fn read_only_from_a_call_on(ground: &mut Ground, kind: &str, folder: &Path, turn: usize) {
    for verb in Verb::some(0) {
        for number in spread(calls_of(ground, verb), 3, turn, 1) {
            let (this, that) = (folder.to_owned(), folder.to_owned());
            let heal = move || writable(&that);
            in_the_middle(ground, kind, verb, number, move || read_only(&this), heal);
        }
    }
}

fn in_the_middle(
    ground: &mut Ground,
    kind: &str,
    verb: Verb,
    number: usize,
    strike: impl FnOnce() + Send + 'static,
    heal: impl FnOnce(),
) {
    let before = ground.ready(verb);
    let fault = Some((nth(number), Fault::Before(Box::new(strike))));
    let proxy = Proxy::new(ground.engine(), fault);
    let ended = Running::start(ground.command(verb).env("DOCKER_HOST", proxy.host())).end();
    let struck = proxy.struck();
    if struck.is_some() {
        heal();
    }
    let at = struck.unwrap_or_else(Instant::now);
    ground.judge(kind, &format!("{verb:?}, {number}"), before, &ended, at);
}
