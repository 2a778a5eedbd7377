//! The plan of a run: computed from what should be and what is, with no side effect.

mod build;
mod change;
mod method;
mod ports;
mod step;

pub use build::{Desired, Manner, Running};
pub use change::{Action, Change, Method, Reason, Why};
pub use step::{Plan, Step};
