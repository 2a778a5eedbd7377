//! The program for other systems: built or checked where their target can be had.

use crate::failure::Result;
use crate::{cargo, shell, ui};

/// A target, and the linker that a build of it on this machine needs.
const TARGETS: [(&str, Option<&str>); 2] =
    [("x86_64-pc-windows-gnu", Some("x86_64-w64-mingw32-gcc")), ("aarch64-apple-darwin", None)];

/// Builds for Windows where there is a linker for it, and checks what can't be linked here.
pub(crate) fn run() -> Result<()> {
    let host = cargo::host()?;
    for (target, linker) in TARGETS.into_iter().filter(|(target, _)| *target != host) {
        if !has_target(target) {
            ui::warn(&format!("the target {target} can't be had here: it was not checked"));
            continue;
        }
        let verb = if linker.is_some_and(has_program) { "build" } else { "check" };
        ui::step(&format!("cargo {verb} for {target}"));
        let words = [verb, "--quiet", "--package", "backstay", "--target", target];
        shell::run(&mut cargo::cargo(&words))?;
    }
    Ok(())
}

/// Whether the standard library of a target is there, or has just come.
fn has_target(target: &str) -> bool {
    let add = &mut shell::command("rustup", &["target", "add", target]);
    shell::output(add).is_ok_and(|output| output.status.success())
}

fn has_program(name: &str) -> bool {
    shell::output(&mut shell::command(name, &["--version"])).is_ok_and(|out| out.status.success())
}
