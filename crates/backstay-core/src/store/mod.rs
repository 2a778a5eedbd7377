//! The real disk.

mod disk;
mod platform;

pub use disk::DiskStore;
