//! The gateway: it holds a stack's ports, and leads what arrives there to the containers of the day. Its routes come from
//! `backstay` over a socket in its state folder; between two of its visits the gateway needs nobody.
//!
//! Two processes: a supervisor, which holds the listening sockets and does nothing else, and a worker, which does everything
//! else and may be killed or replaced. `docs/gateway-protocol.md` describes what is said to it.

#![forbid(unsafe_code)]

#[cfg(target_os = "linux")]
mod access_log;
#[cfg(target_os = "linux")]
mod channel;
#[cfg(target_os = "linux")]
mod client;
#[cfg(target_os = "linux")]
mod commands;
#[cfg(target_os = "linux")]
mod control;
#[cfg(target_os = "linux")]
mod dns;
#[cfg(target_os = "linux")]
mod gate;
#[cfg(target_os = "linux")]
mod http;
#[cfg(target_os = "linux")]
mod log;
#[cfg(target_os = "linux")]
mod one;
#[cfg(target_os = "linux")]
mod outgoing;
#[cfg(target_os = "linux")]
mod plane;
#[cfg(target_os = "linux")]
mod route;
#[cfg(target_os = "linux")]
mod state;
#[cfg(target_os = "linux")]
mod stats;
#[cfg(target_os = "linux")]
mod supervisor;
#[cfg(target_os = "linux")]
mod tcp;
#[cfg(target_os = "linux")]
mod wire;
#[cfg(target_os = "linux")]
mod worker;

#[cfg(target_os = "linux")]
pub use commands::run;
