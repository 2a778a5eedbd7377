//! Saved data: its files in a backup's folder, and the record of them.

mod cipher;
#[cfg(target_os = "linux")]
mod cloned;
#[cfg(not(target_os = "linux"))]
#[path = "uncloned.rs"]
mod cloned;
mod loading;
mod record;
mod saving;
mod users;

pub use cipher::CommandFailed;
pub(crate) use cipher::failed as command_failed;
pub(crate) use cloned::Cloned;
pub(crate) use loading::{Coming, check, damage, open, try_out};
pub use record::SavedData;
pub(crate) use record::{note, read, remove};
pub(crate) use saving::{NotWhole, Saving, Tools};
pub(crate) use users::{can_return, place, source, users, writers};
