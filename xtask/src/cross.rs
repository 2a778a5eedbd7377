//! The program for other systems: built or checked where their target can be had.

use crate::failure::{Failure, Result};
use crate::{cargo, engine, shell, ui};
use std::path::PathBuf;

const WINDOWS: &str = "x86_64-pc-windows-gnu";
const WINDOWS_LINKER: &str = "x86_64-w64-mingw32-gcc";
/// Debian's package of it.
const WINDOWS_PACKAGE: &str = "gcc-mingw-w64-x86-64";

/// A target, and the linker that a build of it on this machine needs.
const TARGETS: [(&str, Option<&str>); 2] =
    [(WINDOWS, Some(WINDOWS_LINKER)), ("aarch64-apple-darwin", None)];

/// Builds for Windows where there is a linker for it, and checks what can't be linked here.
pub(crate) fn run() -> Result<()> {
    let host = cargo::host()?;
    let mut checked = Vec::new();
    for (target, linker) in TARGETS.into_iter().filter(|(target, _)| *target != host) {
        if !has_target(target) {
            ui::warn(&format!("the target {target} can't be had here: it was not checked"));
        } else if linker.is_some_and(has_program) {
            with("build", &[target])?;
        } else {
            checked.push(target);
        }
    }
    // Together: one waits less for the other than each for itself.
    if checked.is_empty() { Ok(()) } else { with("check", &checked) }
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
    with("build", &[WINDOWS])?;
    Ok(cargo::target()?.join(WINDOWS).join("debug/backstay.exe"))
}

fn with(verb: &str, targets: &[&str]) -> Result<()> {
    ui::step(&format!("cargo {verb} for {}", targets.join(", ")));
    let mut command = cargo::cargo(&[verb, "--quiet", "--package", "backstay"]);
    if verb == "check" {
        // A check links nothing: the C library in it (zstd) need not be compiled, and there is no compiler for these targets.
        for target in targets {
            let target = target.replace('-', "_");
            command.env(format!("CC_{target}"), "true").env(format!("AR_{target}"), "true");
        }
    }
    command.args(targets.iter().flat_map(|target| ["--target", target]));
    shell::run(&mut command)
}

/// Whether the standard library of a target is there, or has just come.
fn has_target(target: &str) -> bool {
    let add = &mut shell::command("rustup", &["target", "add", target]);
    shell::output(add).is_ok_and(|output| output.status.success())
}

fn has_program(name: &str) -> bool {
    shell::output(&mut shell::command(name, &["--version"])).is_ok_and(|out| out.status.success())
}
