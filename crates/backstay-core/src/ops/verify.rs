//! `backups verify`: everything that is kept is read and compared with its digests.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::ports::{Clock, Engine, Store};
use crate::release::{Catalog, Entry, EntryState, flaws, read_whole, runs};
use crate::run_record;
use crate::stack::StackRef;
use crate::state::find;
use crate::store::{damaged, expect_file};
use crate::vault::Vault;

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

/// Reads all that is kept: backups, the record of what runs, journals and what open runs need, images.
///
/// # Errors
/// When a folder can't be read.
pub async fn verify<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    stack: &StackRef,
) -> Result<Verified> {
    let (layout, store) = (find(ctx, stack).await?.layout, &*ctx.store);
    let mut found = Verified { damage: flaws(&layout, store), ..Verified::default() };
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
        found.damage.extend(of_entry(&entry, &layout, &vault, &stored, store));
    }
    found.damage.extend(run_record::lost(&layout, store)?);
    for run in runs(&layout, store)? {
        found.journals += 1;
        found.damage.extend(run_record::damage(&layout, &run, store));
    }
    found.images = stored.len();
    found.damage.extend(vault.damage(stored.iter().map(String::as_str)));
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

fn of_entry(
    entry: &Entry,
    layout: &Layout,
    vault: &Vault,
    stored: &BTreeSet<String>,
    store: &dyn Store,
) -> Vec<Error> {
    let EntryState::Release(folder) = &entry.state else {
        return entry.flaw(layout, store).into_iter().collect();
    };
    let mut found = folder.damage(store);
    let images: BTreeSet<&str> = folder.release.images().collect();
    let lost = images.into_iter().filter(|image| !stored.contains(*image));
    found.extend(lost.map(|image| {
        let problem = format!("it is missing, and {} needs its image", entry.folder);
        damaged(&vault.index_file(image), problem)
    }));
    found
}
