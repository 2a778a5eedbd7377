//! The state: where everything that is known of stacks lies, by engine and project. A folder has no say in it: two projects of
//! one folder have two histories, and a folder that was cloned anew has the one of before.

mod entrance;
mod find;
mod git;
mod moving;
mod project;

use std::path::Path;

use crate::error::{Error, Result};
use crate::store::{EntryKind, Store};

pub use crate::layout::State;
pub(crate) use crate::naming::plain;
pub(crate) use entrance::point;
pub use find::{Found, find, find_in, of_other_names};
pub(crate) use moving::{settle, unfold};
pub(crate) use project::declared;
pub use project::{ProjectName, normalized, project_name};

/// Whether a path is a folder itself, and no link to one.
fn is_folder(path: &Path, store: &dyn Store) -> Result<bool> {
    let found = store.metadata(path).map_err(|error| Error::io("reading", path, error))?;
    Ok(found.is_some_and(|found| found.kind == EntryKind::Directory))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engine_and_project_name_the_folder() {
        let state = State::new("/s");
        let layout = state.layout("AB:CD", "shop", Path::new("/srv/shop"));
        assert_eq!(layout.root(), Path::new("/s/AB-CD/shop"));
        assert_eq!(layout.entrance(), Path::new("/srv/shop/.backup"));
        assert!(!layout.is_beside());
        assert_eq!(state.layout("..", "..", Path::new("/x")).root(), Path::new("/s/--/--"));
    }
}
