//! What is asked of the gateway over its control socket.

mod apply;
mod controller;
mod drain;
mod holding;
mod holds;
mod listen;
mod outcome;
mod reach;
mod relay;
mod session;
mod status;
mod upgrade;

pub(crate) use controller::Controller;
pub(crate) use listen::listen;
