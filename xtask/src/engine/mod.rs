//! `cargo xtask engine`: makes sure that a Docker engine with Compose is there and running.

mod advice;
mod daemon;
mod ensure;
mod install;
mod machine;
mod probe;
pub(crate) mod sources;

pub(crate) use daemon::stop;
pub(crate) use ensure::{check, ensure, may_be_had};
pub(crate) use install::sources_of;
pub(crate) use machine::engine_is_elsewhere as is_elsewhere;

use crate::failure::{Failure, Result};
use crate::shell;

/// Whether programs of another release can be run here, in a root of their own.
pub(crate) fn may_change_roots() -> Result<()> {
    if cfg!(target_os = "linux") && machine::is_root() {
        return Ok(());
    }
    Err(Failure::new("what is unpacked beside the machine's own needs Linux, and root"))
}

/// Makes sure that a program is there, from a package of the distribution where that is possible.
pub(crate) fn want(program: &str, package: &str) -> Result<()> {
    if shell::exists(program) {
        return Ok(());
    }
    if machine::is_root() && machine::distribution().is_some() {
        return install::add(package);
    }
    Err(Failure::new(format!("`{program}` is not here")))
}

/// Whether an engine can be started here beside the one that there is, with a network of its own.
pub(crate) fn may_start_another() -> Result<()> {
    may_change_roots()?;
    let missing = |name: &&str| !shell::exists(name);
    if let Some(name) = ["unshare", "nsenter"].iter().find(|name| missing(name)) {
        return Err(Failure::new(format!("an engine beside the machine's needs `{name}`")));
    }
    if missing(&"ip") && machine::distribution().is_some() {
        install::add("iproute2")?;
    }
    Ok(())
}

/// What to do about the engine.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Task {
    Check,
    Ensure,
    Stop,
}
