//! What can be said about the code without running it.

use crate::failure::Result;
use crate::{cargo, shell, ui};

/// Formatting, lints, licences and advisories.
pub(crate) fn run() -> Result<()> {
    ui::step("cargo fmt --check");
    shell::run(&mut cargo::cargo(&["fmt", "--all", "--check"]))?;
    ui::step("cargo clippy");
    let clippy = ["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"];
    shell::run(&mut cargo::cargo(&clippy))?;
    if cargo::has_subcommand("deny") {
        ui::step("cargo deny check");
        shell::run(&mut cargo::cargo(&["deny", "--log-level", "error", "check"]))
    } else {
        ui::warn("cargo-deny is not installed: licences and advisories were not checked");
        Ok(())
    }
}
