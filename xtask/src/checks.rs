//! What can be said about the code without running it.

use crate::failure::{Failure, Result};
use crate::{acyclic, cargo, shell, ui};
use std::env::consts::EXE_SUFFIX;
use std::path::Path;
use std::process::Command;

/// Formatting, lints, licences and advisories.
pub(crate) fn run() -> Result<()> {
    run_but_lints()?;
    ui::step("cargo clippy");
    let clippy = ["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"];
    shell::run(&mut cargo::cargo(&clippy))
}

/// A build with this is one with all lints, each of them an error: Clippy is a compiler. Everything is compiled once then, and not
/// once to be checked and once to be run.
pub(crate) fn with_lints(build: &mut Command) -> Result<()> {
    let sysroot = shell::capture(&mut shell::command("rustc", &["--print", "sysroot"]))?;
    let clippy = Path::new(sysroot.trim()).join("bin").join(format!("clippy-driver{EXE_SUFFIX}"));
    if !clippy.is_file() {
        let hint = "`rustup component add clippy` installs it";
        return Err(Failure::new("Clippy is not installed").hint(hint));
    }
    build.env("RUSTC_WORKSPACE_WRAPPER", clippy);
    // As `cargo clippy -- -D warnings` tells it.
    build.env("CLIPPY_ARGS", "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__");
    Ok(())
}

/// The same without the lints.
pub(crate) fn run_but_lints() -> Result<()> {
    ui::step("cargo fmt --check");
    shell::run(&mut cargo::cargo(&["fmt", "--all", "--check"]))?;
    // The fuzz targets are a workspace of their own: a new dependency has to be locked there too.
    let locked =
        ["metadata", "--locked", "--format-version", "1", "--manifest-path", "fuzz/Cargo.toml"];
    shell::run_quietly(&mut cargo::cargo(&locked))?;
    acyclic::check()?;
    if cargo::has_subcommand("deny") {
        ui::step("cargo deny check");
        let quiet = ["deny", "--log-level", "error", "check"];
        shell::run(cargo::cargo(&quiet).args(["licenses", "bans", "sources"]))?;
        advisories(cargo::cargo(&quiet).arg("advisories"))
    } else {
        ui::warn("cargo-deny is not installed: licences and advisories were not checked");
        Ok(())
    }
}

/// Advisories come from a database that has to be fetched; without it nothing is known, which is no finding.
fn advisories(check: &mut Command) -> Result<()> {
    let output = check.output().map_err(|error| Failure::new(format!("cargo deny: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    if text.contains("failed to fetch advisory database") {
        ui::warn("the advisory database can't be fetched: advisories were not checked");
        return Ok(());
    }
    Err(Failure::new(format!("cargo deny check advisories:\n{text}")))
}
