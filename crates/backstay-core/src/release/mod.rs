//! Releases: what can be returned to, and the folders under `.backup/` that keep them.

mod catalog;
mod files;
mod folder;
mod premises;
mod record;
mod replaced;
mod retention;

pub(crate) use catalog::runs;
pub use catalog::{Catalog, Entry, EntryState};
pub(crate) use files::sources;
pub use files::{Source, collect_files, sources_named_in};
pub use folder::{ReleaseFolder, read_release, write_release};
pub(crate) use folder::{discard, read_whole};
pub(crate) use premises::{check_premises, flaws};
pub use record::{FileRecord, Origin, Release, ServiceRecord, VERSION};
pub(crate) use replaced::keep_replaced;
pub use retention::{Retention, select_for_removal};
