//! `docker compose` as a subprocess.

mod build;
mod command;
mod down;
mod model;
mod output;
mod program;
mod pull;
mod stream;
mod version;

pub(crate) use build::build;
pub(crate) use command::{Compose, Ended};
pub(crate) use down::down;
pub(crate) use model::{all_services, hashes, model};
pub(crate) use output::{classify, last_words, plain};
pub(crate) use program::Program;
pub(crate) use pull::pull;
pub(crate) use version::version;
