//! Releases: what can be returned to, and the folders under `.backup/` that keep them.

mod catalog;
mod files;
mod folder;
mod history;
mod pin;
mod premises;
mod record;
mod replaced;
mod retention;
mod sources;
mod surroundings;
mod variables;

pub use crate::lost::{Lost, Obstruction};
pub use crate::stack::Retention;
pub use catalog::{Catalog, Entry, EntryState};
pub(crate) use catalog::{is_backup_name, is_of_update, recorded_project, runs, stamp};
pub use files::collect_files;
pub(crate) use files::normal;
pub use folder::{ReleaseFolder, read_release, write_release};
pub(crate) use folder::{discard, read_whole};
pub use pin::is_pinned;
pub(crate) use pin::{pin, pin_at};
pub(crate) use premises::{check_premises, flaws};
pub use record::{FileRecord, Origin, Release, ServiceRecord, VERSION};
pub(crate) use replaced::keep_replaced;
pub use retention::{select_copies, select_for_removal};
pub use sources::{SourceFile, sources_named_in};
pub(crate) use sources::{in_env_files, included_env_files, sources};
pub(crate) use surroundings::{Ground, Surroundings, moved_along, outside_place, sharer};
pub(crate) use variables::{variable, variable_with, with_environment};
