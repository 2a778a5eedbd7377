//! What is tried on each parser with bytes that nobody has written: the bodies of the targets in `fuzz/`, for ordinary tests
//! too. A target panics when a promise does not hold; that something can't be read is an answer like any other.

mod backup;
mod compose_file;
mod disk;
mod duration;
mod env_file;
mod holder;
mod journal;
mod model;
mod mutate;
mod release;
mod targets;
mod vault;

pub use backup::backup;
pub use compose_file::compose_file;
pub use duration::duration;
pub use env_file::env_file;
pub use holder::holder;
pub use journal::journal;
pub use model::model;
pub use mutate::Mutator;
pub use release::release;
pub use targets::{TARGETS, Target};
pub use vault::vault;
