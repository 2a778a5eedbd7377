//! Saved data: its files in a backup's folder, and the record of them.

mod loading;
mod record;
mod saving;
mod users;

pub(crate) use loading::{check, damage, open};
pub use record::SavedData;
pub(crate) use record::{note, read, remove};
pub(crate) use saving::{NotWhole, Saving};
pub(crate) use users::{place, source, users, writers};
