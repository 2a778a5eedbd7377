//! Programs for images that have nothing else in them: linked statically for this machine's own triple, so that whoever can build
//! Backstay on Linux can build them, with no second toolchain.

use crate::cargo;
use crate::failure::{Failure, Result};
use crate::shell;
use std::fs;
use std::path::{Path, PathBuf};

/// A program.
pub(crate) struct Program {
    /// Its package.
    pub(crate) package: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
    /// How it is optimised: a profile of Cargo's.
    pub(crate) profile: &'static str,
    /// What else Cargo is told.
    pub(crate) flags: &'static [&'static str],
}

/// What runs in the images of tests and of the demo.
pub(crate) const DEMO_SERVER: Program = Program {
    package: "backstay-testkit",
    name: "demo-server",
    profile: "release",
    flags: &["--no-default-features"],
};

/// The gateway.
pub(crate) const GATEWAY: Program = Program {
    package: "backstay-gateway",
    name: "backstay-gateway",
    profile: "gateway",
    flags: &[],
};

/// How both are optimised for tests: they do the same, and are built sooner.
const OF_TESTS: &str = "quick";

impl Program {
    /// Builds it (Cargo does nothing if it is there), puts it into `folder` below the target folder under `name`, and says where
    /// it is.
    pub(crate) fn build(&self, folder: &str, name: &str) -> Result<PathBuf> {
        let host = cargo::host()?;
        if !host.contains("linux") {
            let what =
                format!("`{}` runs in Linux containers and can't be built on {host}", self.name);
            return Err(Failure::new(what).hint("run this on Linux, or in a Linux virtual machine"));
        }
        let target = cargo::target()?;
        // `--target`, although it is the host's own: with it the flags leave build scripts alone.
        let mut command = cargo::cargo(&["build", "--quiet", "--target", &host]);
        command
            .args(["--profile", self.profile, "-p", self.package, "--bin", self.name])
            .args(self.flags);
        command.env("RUSTFLAGS", "-C target-feature=+crt-static");
        command.env_remove("CARGO_ENCODED_RUSTFLAGS");
        shell::run(&mut command)?;
        let built = target.join(&host).join(self.profile).join(self.name);
        put(&built, &target.join(folder).join(name))
    }
}

/// Copies a program to its place.
fn put(built: &Path, place: &Path) -> Result<PathBuf> {
    let folder = place.parent().unwrap_or(place);
    fs::create_dir_all(folder).map_err(Failure::on(folder))?;
    let copy = place.with_extension("new");
    fs::copy(built, &copy).map_err(Failure::on(built))?;
    // Renamed, not overwritten: somebody may be running the old one at this moment.
    fs::rename(&copy, place).map_err(Failure::on(place))?;
    Ok(place.to_owned())
}

/// The demo server.
pub(crate) fn demo_server() -> Result<PathBuf> {
    DEMO_SERVER.build("demo", DEMO_SERVER.name)
}

/// The gateway's program, beside that of Backstay as users build it.
pub(crate) fn gateway() -> Result<PathBuf> {
    GATEWAY.build("release", &gateway_name()?)
}

/// The demo server and the gateway for tests.
pub(crate) fn of_tests() -> Result<[PathBuf; 2]> {
    let quick = |program: Program| Program { profile: OF_TESTS, ..program };
    let server = quick(DEMO_SERVER).build("tests", DEMO_SERVER.name)?;
    Ok([server, quick(GATEWAY).build("tests", &gateway_name()?)?])
}

/// The gateway's program, with a copy in a folder of the user's.
pub(crate) fn install_gateway(folder: &Path) -> Result<PathBuf> {
    put(&gateway()?, &folder.join(gateway_name()?))
}

fn gateway_name() -> Result<String> {
    let host = cargo::host()?;
    let processor = match host.split('-').next().unwrap_or_default() {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => return Err(Failure::new(format!("there is no gateway for `{other}`"))),
    };
    Ok(format!("backstay-gateway-linux-{processor}"))
}
