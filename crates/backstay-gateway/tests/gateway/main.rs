//! The gateway as a process, with real sockets: servers behind it, clients before it, the command beside it.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod support;

mod balance;
mod control;
mod crash;
mod drain;
mod hold;
mod http;
mod names;
mod peek;
mod plain;
mod restart;
mod stop;
mod streams;
mod switch;
mod tcp;
mod upgrade;
