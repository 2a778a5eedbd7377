//! Runs operations under faults and checks how they end: the stack is exactly the old release or exactly the new one.
//!
//! A [`Scenario`] is a machine with a stack on it and an operation to come. [`Scenario::explore`] lets a fault strike at
//! every call of that operation, one run for each, starts a new process, recovers, and compares what it finds with two
//! [`Picture`]s: the stack before the operation, and the stack after a run without a fault.

mod act;
mod finding;
mod forgotten;
mod journals;
mod judge;
mod matrix;
mod picture;
mod power;
mod scenario;
mod shape;
mod sound;
mod tidy;
mod walk;

pub use act::Act;
pub use finding::{Finding, Findings};
pub use picture::Picture;
pub use scenario::{Explored, Scenario};
pub use walk::{Stumble, walk};
