//! Durable files: how the port is kept on any file system, and the file system of this machine.

mod disk;
mod durable;
mod files;
mod platform;
mod reading;

pub use disk::DiskStore;
pub use files::FileSystem;
pub(crate) use reading::{present, read_through, text_through};
