//! The gate: does a container become and stay what it should be?

mod ask;
mod explain;
mod judge;
mod memory;
mod pass;
mod ports;
mod subject;
mod unwell;

pub use memory::Memory;
pub(crate) use memory::remember;
pub(crate) use pass::{Progress, pass};
pub(crate) use ports::LIMIT as PORTS;
pub(crate) use subject::{Expect, Subject, subject, tolerance, tolerated};
pub use unwell::Unwell;
pub(crate) use unwell::{passes_now, unwell};
