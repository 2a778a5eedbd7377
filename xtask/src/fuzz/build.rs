//! Building the targets without `cargo fuzz`, which wants a nightly compiler.

use crate::failure::Result;
use crate::{cargo, shell};
use std::path::{Path, PathBuf};

/// What `cargo fuzz --sanitizer none` passes, but for keeping dead code, which makes a build take longer. The parsers are
/// safe Rust, in which a sanitizer has little to find.
const FLAGS: [&str; 7] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-sanitizer-coverage-stack-depth",
];

/// Why it can't be built here, where that is so.
pub(super) fn obstacle() -> Option<&'static str> {
    if !cfg!(target_os = "linux") {
        return Some("it is made for Linux");
    }
    let named = std::env::var_os("CXX").is_some();
    let found = named || ["c++", "g++", "clang++"].into_iter().any(shell::exists);
    (!found).then_some("there is no C++ compiler")
}

/// Builds all targets below `folder`; gives the folder of the programs.
pub(super) fn build(folder: &Path) -> Result<PathBuf> {
    let host = cargo::host()?;
    let mut command = cargo::cargo(&["build", "--quiet", "--release", "--locked", "--bins"]);
    command.current_dir(cargo::root().join("fuzz"));
    // With a target named, build scripts and macros do without the flags.
    command.args(["--target", &host, "--target-dir"]).arg(folder);
    command.env_remove("RUSTFLAGS").env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}"));
    shell::run(&mut command)?;
    Ok(folder.join(host).join("release"))
}
