//! Releases: what can be returned to, and the folders under `.backup/` that keep them.

mod catalog;
mod files;
mod folder;
mod record;
mod retention;

pub use catalog::{Catalog, Entry, EntryState};
pub use files::{collect_files, sources_named_in};
pub use folder::{ReleaseFolder, read_release, write_release};
pub use record::{FileRecord, Origin, Release, ServiceRecord, VERSION};
pub use retention::{Retention, select_for_removal};
