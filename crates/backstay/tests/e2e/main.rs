//! End to end: the program as a user runs it, on a real engine. Each test has a stack of its own and leaves nothing behind.
//!
//! They run where `BACKSTAY_E2E` is set and `BACKSTAY_DEMO_SERVER` names the static demo server, as `cargo xtask test`
//! does; elsewhere each says so and passes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, clippy::print_stdout)] // all of it is test

mod adopt;
mod crash;
#[cfg(target_os = "linux")]
mod disks;
mod failing;
#[cfg(target_os = "linux")]
mod faults;
mod files;
mod gates;
mod gateway;
mod gateway_streams;
mod gateway_walls;
mod gateway_warm;
mod guide;
mod harness;
mod hooks;
#[cfg(target_os = "linux")]
mod hostile;
mod images;
mod kinds;
mod life;
mod moving;
mod old;
mod refused;
mod restore_test;
mod rollback;
mod secrets;
#[cfg(unix)]
mod servers;
mod services;
mod stacks;
#[cfg(unix)]
mod state;
mod surroundings;
mod visitors;
