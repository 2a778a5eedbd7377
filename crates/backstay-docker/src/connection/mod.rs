//! The way to the engine.

mod address;
mod listener;
mod open;
mod percent;
mod raw;
mod target;
mod tunnel;

pub(crate) use address::Stream;
pub(crate) use listener::Listener;
pub(crate) use open::Connection;
pub(crate) use percent::{decode, encode};
pub(crate) use raw::{Raw, RawError, message_of};
pub use target::{Choice, chosen, socket_group};
pub(crate) use target::{config_folder, context_name, not_started};
