//! The transaction behind Backstay: what a stack should be, what runs, the plan between the two, and a
//! journal that leads back to the old release until the commit and forward to the new one after it.
//!
//! This crate talks to the world only through [`ports`]: it starts no process, opens no socket and
//! prints nothing.

#![warn(missing_docs)]

pub mod archive;
mod borrowing;
pub mod certificate;
mod compose_version;
mod contents;
pub mod context;
pub mod data;
pub mod digest;
pub mod engine;
mod engine_error;
pub mod error;
pub mod event;
mod gate;
mod gateway;
mod holder;
mod hooks;
mod host_ports;
mod injected_files;
pub mod journal;
pub mod layout;
pub mod lock;
mod lost;
mod memory;
mod names;
pub mod naming;
mod observed;
pub mod ops;
mod packing;
pub mod plan;
pub mod ports;
mod probing;
pub mod release;
mod run;
pub mod run_record;
pub mod run_state;
pub mod sealed;
pub mod secrets;
pub mod stack;
pub mod state;
mod steps;
pub mod store;
mod unsupported;
mod unwind;
pub mod vault;
pub mod warm;

pub use backstay_routes as routes;
pub use error::{Error, Result};
pub use gateway::Leading;
