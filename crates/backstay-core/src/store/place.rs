//! Places, whatever they are called.

use std::path::Path;

use super::Store;

/// Whether two paths are the same place, as far as their text and their links say.
pub(crate) fn same_place(a: &Path, b: &Path, store: &dyn Store) -> bool {
    a == b || matches!((store.resolve(a), store.resolve(b)), (Ok(a), Ok(b)) if a == b)
}
