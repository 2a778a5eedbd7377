//! What went wrong, as a message, what to do about it, and an exit code.

mod command_error;
mod exit;
pub(crate) mod hints;
mod of_arguments;
mod of_core;
mod of_engine;
mod of_gateway;
mod of_run;
pub(crate) mod registry;
#[cfg(test)]
mod tests;

pub(crate) use command_error::{CommandError, Show};
pub(crate) use exit::Exit;
