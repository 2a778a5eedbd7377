//! A throw-away stack: its folder, and all that the engine has of its project.

use crate::failure::{Failure, Result};
use crate::{leftovers, ui};
use std::fs;
use std::path::PathBuf;

/// A folder of a stack, removed at the end with all that the engine has of its project.
#[derive(Debug)]
pub(crate) struct Stack {
    pub(crate) folder: PathBuf,
    pub(crate) project: String,
    pub(crate) keep: bool,
}

impl Stack {
    /// An empty folder with the name of the project, so that no flag has to name either.
    pub(crate) fn new(name: &str) -> Result<Self> {
        let project = format!("backstay-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(&project);
        fs::create_dir(&folder).map_err(Failure::on(&folder))?;
        Ok(Self { folder, project, keep: false })
    }

    /// Writes a file of the stack.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.folder.join(name);
        fs::write(&path, text).map_err(Failure::on(&path))
    }

    /// Reads a file of the stack.
    pub(crate) fn read(&self, name: &str) -> Result<String> {
        let path = self.folder.join(name);
        fs::read_to_string(&path).map_err(Failure::on(&path))
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        if self.keep {
            return;
        }
        if let Err(failure) = leftovers::remove(&self.project) {
            ui::warn(&failure.what);
        }
        let state = self.folder.with_extension("state");
        if state.exists()
            && let Err(e) = fs::remove_dir_all(&state)
        {
            ui::warn(&format!("{}: {e}", state.display()));
        }
        if let Err(e) = fs::remove_dir_all(&self.folder) {
            ui::warn(&format!("{}: {e}", self.folder.display()));
        }
    }
}
