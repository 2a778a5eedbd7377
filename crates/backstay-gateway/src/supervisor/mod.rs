//! PID 1 of the gateway's container: it holds the listening sockets, and sees to it that a worker serves them.

mod adopt;
mod binaries;
mod children;
mod events;
mod keeper;
mod run;
mod signals;
mod start;

pub(crate) use run::{adopt, serve};
