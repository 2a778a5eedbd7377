//! Builds the static program that the test images are made of.

use crate::cargo;
use crate::failure::{Failure, Result};
use crate::shell;
use std::fs;
use std::path::PathBuf;

/// Builds it (Cargo does nothing if it is there) and says where it is.
///
/// It is linked statically for this machine's own triple: whoever can build Backstay on Linux can
/// build it, with no second toolchain.
pub(crate) fn build() -> Result<PathBuf> {
    let host = cargo::host()?;
    if !host.contains("linux") {
        let what = format!("the demo server runs in Linux containers and can't be built on {host}");
        return Err(Failure::new(what).hint("run this on Linux, or in a Linux virtual machine"));
    }
    let target = cargo::target()?;
    let name = ["-p", "backstay-testkit", "--no-default-features", "--bin", "demo-server"];
    // `--target`, although it is the host's own: with it the flags leave build scripts alone.
    let mut command = cargo::cargo(&["build", "--quiet", "--release", "--target", &host]);
    command.args(name).env("RUSTFLAGS", "-C target-feature=+crt-static");
    command.env_remove("CARGO_ENCODED_RUSTFLAGS");
    shell::run(&mut command)?;

    let built = target.join(&host).join("release/demo-server");
    let folder = target.join("demo");
    let place = folder.join("demo-server");
    fs::create_dir_all(&folder).map_err(Failure::on(&folder))?;
    let copy = folder.join("demo-server.new");
    fs::copy(&built, &copy).map_err(Failure::on(&built))?;
    // Renamed, not overwritten: another test may be running the old one at this moment.
    fs::rename(&copy, &place).map_err(Failure::on(&place))?;
    Ok(place)
}
