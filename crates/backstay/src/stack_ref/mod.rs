//! Which stack is meant: from flags, environment and files, as `docker compose` finds it.

mod dot_env;
mod locate;
mod paths;
mod surroundings;
#[cfg(test)]
mod tests;

pub(crate) use locate::locate;
pub(crate) use surroundings::{LocateError, Surroundings};
