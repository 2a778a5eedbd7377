//! `backups verify`: everything that is kept is read and compared with its digests.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::data;
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::release::{Catalog, Entry, EntryState, flaws, read_whole, runs};
use crate::run_record;
use crate::stack::StackRef;
use crate::state::find;
use crate::steps::storing;
use crate::store::Store;
use crate::store::{damaged, expect_file};
use crate::vault::Vault;

/// What a look at everything that is kept has found.
#[derive(Debug, Default)]
pub struct Checked {
    /// How many backups were looked at.
    pub backups: usize,
    /// How many images of the vault.
    pub images: usize,
    /// How many journals.
    pub journals: usize,
    /// What is wrong; each names its file, and its line where it has lines.
    pub damage: Vec<Error>,
}

/// Reads all that is kept: backups, the record of what runs, journals and what open runs need, images.
///
/// # Errors
/// When a folder can't be read.
pub async fn check(ctx: &Context, stack: &StackRef) -> Result<Checked> {
    let (layout, store) = (find(ctx, stack).await?.layout, &*ctx.store);
    let mut found = Checked { damage: flaws(&layout, store), ..Checked::default() };
    if !found.damage.is_empty() {
        // What is in there is not looked at: it may be anywhere.
        return Ok(found);
    }
    found.damage.extend(lock(&layout, store).err());
    match read_whole(&layout.current(), store) {
        Ok(current) => found.damage.extend(current.iter().flat_map(|folder| folder.damage(store))),
        Err(error) => found.damage.push(error),
    }
    let vault = Vault::new(layout.vault(), ctx.store.clone());
    let stored = vault.images().map_err(|error| Error::io("reading", vault.root(), error))?;
    for entry in Catalog::entries(&layout, store)? {
        found.backups += 1;
        found.damage.extend(of_entry(&entry, &layout, store));
        found.damage.extend(data::damage(&layout.backup(&entry.folder), store));
        let lost = lost(ctx, &entry, &stored).await;
        found.damage.extend(lost.into_iter().map(|image| {
            let problem = format!("it is missing, and {} needs its image", entry.folder);
            damaged(&vault.index_file(&image), problem)
        }));
    }
    found.damage.extend(run_record::lost(&layout, store)?);
    for run in runs(&layout, store)? {
        found.journals += 1;
        found.damage.extend(run_record::damage(&layout, &run, store));
    }
    found.images = stored.len();
    found.damage.extend(vault.damage(stored.iter().map(String::as_str)));
    found.damage.extend(vault.damage_of_view());
    Ok(found)
}

/// What stands in the lock is for people; what it is decides whether a run can begin.
fn lock(layout: &Layout, store: &dyn Store) -> Result<()> {
    let path = layout.lock();
    match store.metadata(&path).map_err(|error| Error::io("reading", &path, error))? {
        Some(_) => expect_file(&path, store),
        None => Ok(()),
    }
}

fn of_entry(entry: &Entry, layout: &Layout, store: &dyn Store) -> Vec<Error> {
    match &entry.state {
        EntryState::Release(folder) => folder.damage(store),
        _ => entry.flaw(layout, store).into_iter().collect(),
    }
}

/// The images of a backup that are neither in the vault nor wait on the engine to be stored.
async fn lost(ctx: &Context, entry: &Entry, stored: &BTreeSet<String>) -> Vec<String> {
    let Some(folder) = entry.release() else { return Vec::new() };
    let images = folder.release.stored_images();
    let mut lost = Vec::new();
    for image in images.into_iter().filter(|image| !stored.contains(*image)) {
        // Of an engine that does not answer nothing is known.
        if !storing::waits(ctx, &folder.release.project, image).await.unwrap_or(false) {
            lost.push(image.to_owned());
        }
    }
    lost
}
