//! What can be said about the code without running it.

use crate::failure::{Failure, Result};
use crate::{acyclic, cargo, shell, ui};
use std::process::Command;

/// Formatting, lints, licences and advisories.
pub(crate) fn run() -> Result<()> {
    ui::step("cargo fmt --check");
    shell::run(&mut cargo::cargo(&["fmt", "--all", "--check"]))?;
    // The fuzz targets are a workspace of their own: a new dependency has to be locked there too.
    let locked =
        ["metadata", "--locked", "--format-version", "1", "--manifest-path", "fuzz/Cargo.toml"];
    shell::run_quietly(&mut cargo::cargo(&locked))?;
    acyclic::check()?;
    ui::step("cargo clippy");
    let clippy = ["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"];
    shell::run(&mut cargo::cargo(&clippy))?;
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
