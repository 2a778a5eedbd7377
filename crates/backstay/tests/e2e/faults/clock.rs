//! A clock that jumps back.

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use super::chosen;
use super::ground::{Ground, Running, Verb};
use crate::harness::page;

/// Put before the system's own `clock_gettime`, for the program alone: after so many calls it is a day earlier.
const SHIM: &str = r#"
use std::ffi::{c_int, c_long};
use std::sync::atomic::{AtomicU64, Ordering};
static CALLS: AtomicU64 = AtomicU64::new(0);
#[repr(C)]
pub struct Time { seconds: i64, nanoseconds: i64 }
unsafe extern "C" { fn syscall(number: c_long, ...) -> c_long; }
#[cfg(target_arch = "x86_64")]
const NUMBER: c_long = 228;
#[cfg(target_arch = "aarch64")]
const NUMBER: c_long = 113;
#[unsafe(no_mangle)]
pub unsafe extern "C" fn clock_gettime(clock: c_int, time: *mut Time) -> c_int {
    let answer = unsafe { syscall(NUMBER, clock as c_long, time) };
    let after = std::env::var("CLOCK_JUMPS_AFTER").ok().and_then(|text| text.parse().ok());
    if clock == 0 && CALLS.fetch_add(1, Ordering::Relaxed) >= after.unwrap_or(u64::MAX) {
        unsafe { (*time).seconds -= 86400 };
    }
    answer as c_int
}
"#;

/// The shim, where it can be made.
fn shim(ground: &Ground) -> Option<PathBuf> {
    let folder = ground.stack.path().join("shim");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("shim.rs"), SHIM).unwrap();
    let mut command = Command::new("rustc");
    command.args(["--edition", "2024", "--crate-type", "cdylib", "-O", "-o", "shim.so", "shim.rs"]);
    if !command.current_dir(&folder).output().is_ok_and(|output| output.status.success()) {
        eprintln!("not run: no clock can be made here");
        return None;
    }
    Some(folder.join("shim.so"))
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn the_clock_jumps_back_in_a_run() {
    let Some(mut ground) = Ground::new("t-clock") else { return };
    let Some(shim) = shim(&ground) else { return };
    for verb in Verb::some(1) {
        for index in chosen(12, 1) {
            let before = ground.ready(verb);
            let mut command = ground.command(verb);
            command.env("LD_PRELOAD", &shim).env("CLOCK_JUMPS_AFTER", (1 << index).to_string());
            let at = Instant::now();
            let ended = Running::start(&mut command).end();
            assert_eq!(ended.code, Some(0), "{}", ended.screen);
            let what = format!("{verb:?}, after {} looks at the clock", 1 << index);
            ground.judge("clock jumps back", &what, before, &ended, at);
        }
    }
    ground.end();
}

/// What came last is what ran last, whatever the clock said: a rollback goes to the release before it.
#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_release_of_yesterdays_clock_is_the_newest() {
    let Some(mut ground) = Ground::new("t-order") else { return };
    let Some(shim) = shim(&ground) else { return };
    let was = page(ground.port, "/version");
    ground.ready(Verb::Deploy);
    let mut command = ground.command(Verb::Deploy);
    command.env("LD_PRELOAD", &shim).env("CLOCK_JUMPS_AFTER", "0");
    let ended = Running::start(&mut command).end();
    assert_eq!(ended.code, Some(0), "{}", ended.screen);
    assert_ne!(page(ground.port, "/version"), was);
    let folder = ended.screen.split("\"folder\":\"").nth(1).unwrap().split('"').next().unwrap();
    ground.stack.backstay(&["backups"]).ends(0).says(folder);
    ground.stack.backstay(&["rollback", "--yes"]).ends(0);
    assert_eq!(page(ground.port, "/version"), was);
}
