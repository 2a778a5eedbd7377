//! Data that goes with releases: what is kept of it, and for how long.

mod list;
mod retain;

pub(crate) use list::newest;
pub use list::{Held, SavedData, list, meant};
pub(crate) use retain::{has_any, retain};
