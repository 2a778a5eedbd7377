//! Between supervisor and worker: messages with sockets.

mod link;
mod message;

pub(crate) use link::{Link, MAX_SOCKETS, Received};
pub(crate) use message::{Port, Roster, RosterWorker, Settings, ToSupervisor, ToWorker};
