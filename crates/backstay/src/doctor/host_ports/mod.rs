//! Host ports: whether those that the stack publishes are free, and who has the others.

mod check;
#[cfg(target_os = "linux")]
mod listeners;

pub(super) use check::check;
