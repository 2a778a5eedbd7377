//! Durable files: how the port is kept on any file system, and the file system of this machine.

mod disk;
mod durable;
mod files;
mod growing;
mod own;
mod place;
mod platform;
mod port;
mod reading;
mod sharing;

pub use disk::DiskStore;
pub use files::FileSystem;
pub(crate) use own::{
    contained, damaged, expect_file, expect_no_folder, flaw_of_folder, is_there, own_file,
    own_folder, own_place,
};
pub(crate) use place::same_place;
pub use port::{EntryKind, Metadata, Owner, Staged, Store};
pub(crate) use reading::{present, read_through, text_through};
pub(crate) use sharing::settle;
pub use sharing::share_state;
