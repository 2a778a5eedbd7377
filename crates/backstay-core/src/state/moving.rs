//! Moving a real `.backup` folder to the state. On one disk that is one rename. From another disk all is copied under a name that
//! nobody looks for, renamed, and only then taken away: a note beside the copy says from where, so that a crash in between is
//! made good by the next run.

use std::io;
use std::path::{Path, PathBuf};

use super::{State, is_folder};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::event::{Event, Note};
use crate::layout::Layout;
use crate::release::{is_backup_name, recorded_project};
use crate::store::{EntryKind, Store, is_there};

/// Brings the folder of the stack in order before a run: a real `.backup` goes to the state of the project that it belongs to.
/// Returns where what is kept of this stack is then.
///
/// # Errors
/// [`Error::Locked`] while a run of an older program works in it, [`Error::Io`].
pub(crate) fn settle(ctx: &Context, layout: &Layout) -> Result<Layout> {
    let store = &*ctx.store;
    let home = layout.home();
    let from = layout.entrance();
    // Where nobody knows the engine, nothing is moved.
    if home.root() == from || !is_folder(&from, store)? {
        return Ok(home);
    }
    let owner = recorded_project(&from, store);
    let engine = home.root().parent().unwrap_or(Path::new(""));
    let target = match owner {
        Some(owner) => State::new(engine.parent().unwrap_or(engine)).layout(
            &engine.file_name().unwrap_or_default().to_string_lossy(),
            &owner,
            layout.directory(),
        ),
        None => home.clone(),
    };
    let holder = ctx.holder();
    {
        let _old = ctx.locks.acquire(&from.join("lock"), &holder)?;
        // Another run may have moved it while this one waited.
        if is_folder(&from, store)? {
            store.create_dir(engine).map_err(|error| Error::io("creating", engine, error))?;
            bring(&from, &target, store)?;
        }
    }
    let to = target.root().to_owned();
    ctx.reporter.report(&Event::Note { note: Note::StateMoved { from, to } });
    Ok(home)
}

/// Brings a folder to where it belongs.
fn bring(from: &Path, target: &Layout, store: &dyn Store) -> Result<()> {
    let to = target.root();
    if !is_there(to, store)? {
        match store.rename(from, to) {
            Ok(()) => {
                return store
                    .adopt(to)
                    .map_err(|error| Error::io("giving to the group", to, error));
            }
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {}
            Err(error) => return Err(Error::io("moving", from, error)),
        }
        let name = to.file_name().unwrap_or_default().to_string_lossy();
        let staged = to.with_file_name(format!(".{name}.moving"));
        let io = |error| Error::io("moving", &staged, error);
        store.remove_dir(&staged).map_err(io)?;
        copy(from, &staged, store)?;
        let note = from.to_string_lossy().into_owned();
        store.write(&staged.join("moved-from"), note.as_bytes(), 0o600).map_err(io)?;
        store.rename(&staged, to).map_err(io)?;
    }
    absorb(from, target, store)
}

/// Brings backups that lie right in the folder, as older programs and the old scripts have them, into the folder for them.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn unfold(layout: &Layout, store: &dyn Store) -> Result<()> {
    let (root, backups) = (layout.root(), layout.backups());
    store.create_dir(&backups).map_err(|error| Error::io("creating", &backups, error))?;
    for name in store.list(root).map_err(|error| Error::io("reading", root, error))? {
        let (from, to) = (root.join(&name), backups.join(&name));
        if is_backup_name(&name) && !is_there(&to, store)? {
            store.rename(&from, &to).map_err(|error| Error::io("moving", &from, error))?;
        }
    }
    Ok(())
}

/// Takes what is left in a folder into what is kept already, and the folder away.
fn absorb(from: &Path, target: &Layout, store: &dyn Store) -> Result<()> {
    unfold(target, store)?;
    let (to, backups) = (target.root(), target.backups());
    let reading = |error| Error::io("reading", from, error);
    let marker = target.moved_from();
    let is_copied =
        matches!(store.read(&marker), Ok(text) if text == from.to_string_lossy().as_bytes());
    let mut rest = Vec::new();
    for name in store.list(from).map_err(reading)? {
        let is_new = is_backup_name(&name) && !is_there(&backups.join(&name), store)?;
        if is_new {
            relocate(&from.join(&name), &backups.join(&name), store)?;
        } else if name != "lock" {
            rest.push(name);
        }
    }
    if !is_copied && !rest.is_empty() {
        // What nobody knows any more is kept where a person finds it.
        let found = free(to, store)?;
        store.create_dir(&found).map_err(|error| Error::io("creating", &found, error))?;
        for name in rest {
            relocate(&from.join(&name), &found.join(&name), store)?;
        }
    }
    store.remove_dir(from).map_err(|error| Error::io("removing", from, error))?;
    store.remove_file(&marker).map_err(|error| Error::io("removing", &marker, error))?;
    store.adopt(to).map_err(|error| Error::io("giving to the group", to, error))
}

/// A name for what is found and not known.
fn free(to: &Path, store: &dyn Store) -> Result<PathBuf> {
    let mut count = 1;
    loop {
        let path = to.join(format!("found-{count}"));
        if !is_there(&path, store)? {
            return Ok(path);
        }
        count += 1;
    }
}

/// Moves one entry, also from another disk.
fn relocate(from: &Path, to: &Path, store: &dyn Store) -> Result<()> {
    match store.rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {}
        done => return done.map_err(|error| Error::io("moving", from, error)),
    }
    if !is_folder(from, store)? {
        copy_file(from, to, store)?;
        return store.remove_file(from).map_err(|error| Error::io("removing", from, error));
    }
    let name = to.file_name().unwrap_or_default().to_string_lossy();
    let staged = to.with_file_name(format!(".{name}.moving"));
    store.remove_dir(&staged).map_err(|error| Error::io("removing", &staged, error))?;
    copy(from, &staged, store)?;
    store.rename(&staged, to).map_err(|error| Error::io("moving", &staged, error))?;
    store.remove_dir(from).map_err(|error| Error::io("removing", from, error))
}

/// Copies a folder with all in it but links and the lock.
fn copy(from: &Path, to: &Path, store: &dyn Store) -> Result<()> {
    store.create_dir(to).map_err(|error| Error::io("creating", to, error))?;
    for name in store.list(from).map_err(|error| Error::io("reading", from, error))? {
        let (source, copied) = (from.join(&name), to.join(&name));
        let found =
            store.metadata(&source).map_err(|error| Error::io("reading", &source, error))?;
        match found.map(|found| found.kind) {
            Some(EntryKind::Directory) => copy(&source, &copied, store)?,
            Some(EntryKind::File) => copy_file(&source, &copied, store)?,
            _ => {}
        }
    }
    Ok(())
}

/// Copies a file, of any size.
fn copy_file(from: &Path, to: &Path, store: &dyn Store) -> Result<()> {
    let copied = || {
        let mut source = store.open(from)?;
        let mut staged = store.stage(to.parent().unwrap_or(Path::new("")))?;
        io::copy(&mut source, &mut staged)?;
        staged.publish(to)
    };
    copied().map_err(|error| Error::io("copying", from, error))
}
