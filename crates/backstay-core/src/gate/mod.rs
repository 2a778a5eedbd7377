//! The gate: does a container become and stay what it should be?

mod ask;
mod explain;
mod judge;
mod memory;
mod pass;
mod ports;
mod subject;
mod unwell;

pub(crate) use explain::start_failure;
pub(crate) use memory::remember;
pub(crate) use pass::{Progress, pass};
pub(crate) use ports::LIMIT as PORTS;
pub(crate) use subject::{Expect, Subject, subject, tolerance, tolerated};
pub(crate) use unwell::{passes_now, unwell};
