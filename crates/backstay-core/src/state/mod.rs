//! The state: where everything that is known of stacks lies, by engine and project. A folder has no say in it: two projects of
//! one folder have two histories, and a folder that was cloned anew has the one of before.

mod entrance;
mod find;
mod git;
mod moving;
mod project;

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::ports::{EntryKind, Store};

pub(crate) use entrance::point;
pub use find::{Found, find, find_in, of_other_names};
pub(crate) use moving::settle;
pub use project::{ProjectName, normalized, project_name};
pub(crate) use project::{declared, same_place};

/// The folder of the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    root: PathBuf,
}

impl State {
    /// The state in this folder.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Everything of one engine.
    #[must_use]
    pub fn engine(&self, engine: &str) -> PathBuf {
        self.root.join(plain(engine))
    }

    /// Where everything of a project on an engine is, whose files are in `directory`.
    #[must_use]
    pub fn layout(&self, engine: &str, project: &str, directory: &Path) -> Layout {
        Layout::new(self.engine(engine).join(plain(project)), directory).of(engine, project)
    }
}

/// Whether a path is a folder itself, and no link to one.
fn is_folder(path: &Path, store: &dyn Store) -> Result<bool> {
    let found = store.metadata(path).map_err(|error| Error::io("reading", path, error))?;
    Ok(found.is_some_and(|found| found.kind == EntryKind::Directory))
}

/// A name that every file system takes. Engines of old have colons in their ids.
pub(crate) fn plain(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let name: String = name.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
    if name.is_empty() { "-".to_owned() } else { name }
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
