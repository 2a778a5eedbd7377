//! The gateway: it holds a stack's ports, and leads what arrives there to the containers of the day. Its routes come from
//! `backstay` over a socket in its state folder; between two of its visits the gateway needs nobody.
//!
//! Two processes: a supervisor, which holds the listening sockets and does nothing else, and a worker, which does everything
//! else and may be killed or replaced. `docs/gateway-protocol.md` describes what is said to it.

#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]

mod access_log;
mod channel;
mod client;
mod commands;
mod control;
mod dns;
mod gate;
mod http;
mod log;
mod one;
mod outgoing;
mod plane;
mod route;
mod state;
mod stats;
mod supervisor;
mod tcp;
mod wire;
mod worker;

pub use commands::run;
