//! Data that goes with releases: what is kept of it, and for how long.

mod list;
mod retain;

pub use list::{Held, SavedData, list};
pub(crate) use retain::retain;
