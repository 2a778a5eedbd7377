//! The gate: does a container become and stay what it should be?

mod ask;
mod connect;
mod explain;
mod judge;
mod memory;
mod pass;
mod subject;
mod unwell;

pub(crate) use connect::LIMIT as PORTS;
pub(crate) use explain::start_failure;
pub(crate) use memory::remember;
pub(crate) use pass::{Progress, pass};
pub(crate) use subject::{Expect, Subject, asking, bare_subject, subject, tolerance, tolerated};
pub(crate) use unwell::{passes_now, unwell};
