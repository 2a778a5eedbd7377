//! The workspace as Cargo sees it, and Cargo itself.

use crate::failure::{Failure, Result};
use crate::shell;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

/// Cargo, in the workspace's root. The same Cargo that runs this program.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let program = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let mut command = shell::command(&program, arguments);
    command.current_dir(root());
    command
}

/// Whether `cargo <name>` is installed.
pub(crate) fn has_subcommand(name: &str) -> bool {
    let version = &mut cargo(&[name, "--version"]);
    shell::output(version).is_ok_and(|output| output.status.success())
}

/// How many tests on an engine run at once. They wait for it for most of their time: more of them can use what they leave, and many
/// more would only make each other late.
pub(crate) fn test_threads() -> String {
    (thread::available_parallelism().map_or(1, usize::from) + 2).to_string()
}

/// The workspace's root.
pub(crate) fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// Where Cargo builds; the environment and the user's configuration may move it.
pub(crate) fn target() -> Result<PathBuf> {
    let text = shell::capture(&mut cargo(&["metadata", "--no-deps", "--format-version=1"]))?;
    let metadata: serde_json::Value =
        serde_json::from_str(&text).map_err(|e| Failure::new(format!("cargo metadata: {e}")))?;
    let target = metadata["target_directory"].as_str();
    target.map(PathBuf::from).ok_or_else(|| Failure::new("cargo metadata names no target folder"))
}

/// The triple of this machine.
pub(crate) fn host() -> Result<String> {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let text = shell::capture(&mut shell::command(&rustc, &["-vV"]))?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| Failure::new("`rustc -vV` names no host"))
}
