//! The program for other systems: built or checked where their target can be had.

use crate::failure::{Failure, Result};
use crate::{cargo, engine, shell, ui};
use std::path::PathBuf;

const WINDOWS: &str = "x86_64-pc-windows-gnu";
const WINDOWS_LINKER: &str = "x86_64-w64-mingw32-gcc";
/// Debian's package of it.
const WINDOWS_PACKAGE: &str = "gcc-mingw-w64-x86-64";

const MACOS: &str = "aarch64-apple-darwin";

/// Checks the program for other systems, in a folder of its own and on one core, so that it can be done beside something else.
/// `cargo xtask wine` builds and runs the one for Windows.
pub(crate) fn run() -> Result<()> {
    let host = cargo::host()?;
    let mut found = Vec::new();
    for target in [WINDOWS, MACOS].into_iter().filter(|target| *target != host) {
        if has_target(target) {
            found.push(target);
        } else {
            ui::warn(&format!("the target {target} can't be had here: it was not checked"));
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    let mut check = cargo::cargo(&["check", "--quiet", "--package", "backstay", "--jobs", "1"]);
    // A check links nothing: the C library in it (zstd) need not be compiled, and there is no compiler for these targets.
    for target in &found {
        let variable = target.replace('-', "_");
        check.env(format!("CC_{variable}"), "true").env(format!("AR_{variable}"), "true");
        check.args(["--target", target]);
    }
    shell::run(check.arg("--target-dir").arg(cargo::target()?.join("cross")))
}

/// Makes sure that the program can be built for Windows, or says why it can't be.
pub(crate) fn may_build_windows() -> Result<()> {
    if !has_target(WINDOWS) {
        return Err(Failure::new(format!("the target {WINDOWS} can't be had here")));
    }
    engine::want(WINDOWS_LINKER, WINDOWS_PACKAGE)
}

/// Builds the program for Windows and says where it is.
pub(crate) fn build_windows() -> Result<PathBuf> {
    ui::step(&format!("cargo build for {WINDOWS}"));
    let build = ["build", "--quiet", "--package", "backstay", "--target", WINDOWS];
    shell::run(&mut cargo::cargo(&build))?;
    Ok(cargo::target()?.join(WINDOWS).join("debug/backstay.exe"))
}

/// Whether the standard library of a target is there, or has just come.
fn has_target(target: &str) -> bool {
    let add = &mut shell::command("rustup", &["target", "add", target]);
    shell::output(add).is_ok_and(|output| output.status.success())
}
