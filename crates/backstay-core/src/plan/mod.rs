//! The plan of a run: computed from what should be and what is, with no side effect.

mod change;
mod step;

pub use change::{Action, Change, Method, Reason, Why};
pub use step::{Plan, Step};
