//! Data alone, while the release that runs stays: it is saved, or what was saved comes back.

mod restore;
mod save;

pub use restore::{plan, restore};
pub use save::save;
