//! `cargo xtask engine`: makes sure that a Docker engine with Compose is there and running.

mod advice;
mod daemon;
mod ensure;
mod install;
mod machine;
mod probe;
mod sources;

pub(crate) use daemon::stop;
pub(crate) use ensure::{check, ensure};

/// What to do about the engine.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Task {
    Check,
    Ensure,
    Stop,
}
