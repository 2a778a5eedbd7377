//! Making folders that services mount, and removing them again as far as they are empty.

use std::path::Path;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::ports::{Clock, Engine, Owner};

/// A folder to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Folder {
    /// Its path.
    pub path: String,
    /// Its permission bits.
    pub mode: u32,
    /// Whom it is for, where that is known.
    pub owner: Option<Owner>,
}

/// Makes the folders, those above others first. Returns those that are not theirs whom they are for.
pub(crate) fn apply<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    folders: &[Folder],
) -> Result<Vec<Folder>> {
    let mut others = Vec::new();
    for folder in folders {
        let path = Path::new(&folder.path);
        let is_theirs = ctx
            .store
            .make_dir(path, folder.mode, folder.owner)
            .map_err(|error| Error::io("creating", path, error))?;
        if !is_theirs {
            others.push(folder.clone());
        }
    }
    Ok(others)
}

/// Removes folders that were made, the innermost first. One that something was put into stays.
pub(crate) fn undo<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    made: &[String],
) -> std::result::Result<(), String> {
    let mut problems = Vec::new();
    for path in made.iter().rev() {
        let path = Path::new(path);
        if let Err(error) = ctx.store.remove_empty_dir(path) {
            problems.push(Error::io("removing", path, error).to_string());
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("; ")) }
}
