//! `backups`: the list of what is kept, and removing from it.

use std::collections::BTreeSet;

use super::finish::{collect_images, protected, removable, retain};
use super::recover::lock;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::journal;
use crate::layout::Layout;
use crate::ports::{Clock, Engine};
use crate::release::{Catalog, EntryState, Retention, discard, read_release, runs};
use crate::stack::StackRef;
use crate::vault::Vault;

/// Reads the list.
///
/// # Errors
/// When the folder can't be read.
pub fn list<E: Engine, C: Clock>(ctx: &Context<'_, E, C>, stack: &StackRef) -> Result<Catalog> {
    Catalog::read(&Layout::new(&stack.directory), &*ctx.store)
}

/// Removes backups by name.
///
/// # Errors
/// [`Error::Protected`] for the release that runs and the one before it; then nothing was removed.
pub fn remove<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    stack: &StackRef,
    names: &[String],
) -> Result<Vec<String>> {
    let layout = Layout::new(&stack.directory);
    let catalog = Catalog::read(&layout, &*ctx.store)?;
    let mut folders = Vec::new();
    for name in names {
        let entry = catalog.find(name, &layout)?;
        if let Some(folder) = entry.release()
            && protected(&catalog).contains(&folder.release.id)
        {
            return Err(Error::Protected(entry.folder.clone()));
        }
        folders.push(entry.folder.clone());
    }
    let _guard = lock(ctx, &layout)?;
    for folder in &folders {
        discard(&layout, folder, &*ctx.store)?;
    }
    collect_images(ctx, &layout)?;
    Ok(folders)
}

/// Applies the retention rules. With `dry_run`, only says what would go.
///
/// # Errors
/// When the folder can't be read or written, or a run holds the lock.
pub fn prune<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    stack: &StackRef,
    retention: Option<Retention>,
    dry_run: bool,
) -> Result<Vec<String>> {
    let layout = Layout::new(&stack.directory);
    let catalog = Catalog::read(&layout, &*ctx.store)?;
    if dry_run || catalog.entries.is_empty() {
        return Ok(removable(ctx, &catalog, retention));
    }
    let _guard = lock(ctx, &layout)?;
    retain(ctx, &layout, retention)
}

/// What a look at everything that is kept has found.
#[derive(Debug, Default)]
pub struct Verified {
    /// How many backups were looked at.
    pub backups: usize,
    /// How many images of the vault.
    pub images: usize,
    /// How many journals.
    pub journals: usize,
    /// What is wrong; each names its file, and its line where it has lines.
    pub damage: Vec<Error>,
}

/// Reads all that is kept and compares it with its digests: backups, the record of what runs, journals, images.
///
/// # Errors
/// When the folder itself can't be read.
pub fn verify<E: Engine, C: Clock>(ctx: &Context<'_, E, C>, stack: &StackRef) -> Result<Verified> {
    let (layout, store) = (Layout::new(&stack.directory), &*ctx.store);
    let mut found = Verified::default();
    match read_release(&layout.current(), store) {
        Ok(current) => found.damage.extend(current.iter().flat_map(|folder| folder.damage(store))),
        Err(error) => found.damage.push(error),
    }
    let vault = Vault::new(layout.vault(), ctx.store.clone());
    let stored = vault.images().map_err(|error| Error::io("reading", vault.root(), error))?;
    for entry in Catalog::entries(&layout, store)? {
        found.backups += 1;
        match entry.state {
            EntryState::Release(folder) => {
                found.damage.extend(folder.damage(store));
                let images: BTreeSet<&str> = folder.release.images().collect();
                let lost = images.into_iter().filter(|image| !stored.contains(*image));
                found.damage.extend(lost.map(|image| Error::Damaged {
                    file: folder.path.clone(),
                    problem: format!("its image {image} is not in the vault"),
                }));
            }
            EntryState::Plain => {}
            EntryState::Damaged(problem) => {
                found.damage.push(Error::Damaged { file: layout.backup(&entry.folder), problem });
            }
        }
    }
    for run in runs(&layout, store)? {
        found.journals += 1;
        found.damage.extend(journal::load(&layout.journal(&run), store).err());
    }
    for image in &stored {
        found.images += 1;
        let checked = vault.verify(image);
        found.damage.extend(checked.err().map(|error| Error::io("reading", vault.root(), error)));
    }
    Ok(found)
}
