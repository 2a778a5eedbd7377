//! Making folders that services mount, and removing them again as far as they are empty.

use std::io::ErrorKind;
use std::path::Path;

use super::trouble::Trouble;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::store::Owner;

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

/// What became of folders that were to be made.
#[derive(Default)]
pub(crate) struct Done {
    /// Those that were made.
    pub made: Vec<String>,
    /// Those of them that are not theirs whom they are for.
    pub others: Vec<Folder>,
    /// Those that can't be made by us, and are left to the engine.
    pub left: Vec<String>,
}

/// Makes the folders, those above others first.
pub(crate) fn apply(ctx: &Context, folders: &[Folder]) -> Result<Done> {
    let mut done = Done::default();
    for folder in folders {
        let path = Path::new(&folder.path);
        if done.left.iter().any(|above| path.starts_with(above)) {
            done.left.push(folder.path.clone());
            continue;
        }
        match ctx.store.make_dir(path, folder.mode, folder.owner) {
            Ok(is_theirs) => {
                done.made.push(folder.path.clone());
                if !is_theirs {
                    done.others.push(folder.clone());
                }
            }
            Err(error) if is_for_the_engine(error.kind()) => done.left.push(folder.path.clone()),
            Err(error) => return Err(Error::io("creating", path, error)),
        }
    }
    Ok(done)
}

/// Whether the engine, which is another user or sees other disks, may succeed where we do not.
fn is_for_the_engine(kind: ErrorKind) -> bool {
    use ErrorKind::{NotADirectory, NotFound, PermissionDenied, ReadOnlyFilesystem, Unsupported};
    matches!(kind, PermissionDenied | ReadOnlyFilesystem | NotFound | NotADirectory | Unsupported)
}

/// Removes folders that were made, the innermost first. One that something was put into stays, and so does one that only the
/// engine can remove, where it was the engine's to make.
pub(crate) fn undo(
    ctx: &Context,
    made: &[String],
    by_engine: &[String],
) -> std::result::Result<(), Trouble> {
    let mut problems = Vec::new();
    for path in made.iter().rev() {
        let path = Path::new(path);
        if let Err(error) = ctx.store.remove_empty_dir(path) {
            problems.push(Error::io("removing", path, error).into());
        }
    }
    for path in by_engine.iter().rev() {
        let path = Path::new(path);
        match ctx.store.remove_empty_dir(path) {
            Err(error) if !is_for_the_engine(error.kind()) => {
                problems.push(Error::io("removing", path, error).into());
            }
            _ => {}
        }
    }
    Trouble::all(problems)
}

/// What a person does instead.
pub(super) fn by_hand(made: &[String], by_engine: &[String]) -> String {
    let all: Vec<&str> = made.iter().chain(by_engine).rev().map(String::as_str).collect();
    format!("rmdir {}", all.join(" "))
}
