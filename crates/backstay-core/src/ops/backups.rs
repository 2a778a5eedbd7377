//! `backups`: the list of what is kept, and removing from it.

use super::finish::{collect_images, let_go, removable, retain};
use super::recover::lock;
use super::vault_size;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::release::{Catalog, Retention, discard, is_pinned, pin};
use crate::stack::StackRef;
use crate::state::find;

pub use super::check_backups::{Checked, check};
pub use super::vault_size::Size;

/// The list of what is kept.
#[derive(Debug)]
pub struct Listing {
    /// What is kept.
    pub catalog: Catalog,
    /// Where it is.
    pub layout: Layout,
    /// What is wrong with the record of what runs.
    pub flaw: Option<Error>,
}

/// Reads the list.
///
/// # Errors
/// When the folder can't be read, or nobody knows where it is.
pub async fn list(ctx: &Context, stack: &StackRef) -> Result<Listing> {
    let layout = find(ctx, stack).await?.layout;
    let (catalog, flaw) = Catalog::look(&layout, &*ctx.store)?;
    Ok(Listing { catalog, layout, flaw })
}

/// What each backup of a list takes in the vault, and whether it is pinned, in the list's order.
pub fn details(ctx: &Context, listing: &Listing) -> Vec<Detail> {
    let sizes = vault_size::sizes(ctx, &listing.layout, &listing.catalog);
    let pinned = |folder: &str| is_pinned(&listing.layout, folder, &*ctx.store);
    let entries = listing.catalog.entries.iter().zip(sizes);
    entries.map(|(entry, size)| Detail { size, pinned: pinned(&entry.folder) }).collect()
}

/// What is known of a backup beside its release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detail {
    /// What it takes in the vault.
    pub size: Size,
    /// Whether no rule removes it.
    pub pinned: bool,
}

/// Pins backups, so that no rule removes them, or gives them free. Returns their folders.
///
/// # Errors
/// A name that no backup has; then nothing was changed.
pub async fn set_pinned(
    ctx: &Context,
    stack: &StackRef,
    names: &[String],
    pinned: bool,
) -> Result<Vec<String>> {
    let layout = find(ctx, stack).await?.layout;
    let catalog = Catalog::read(&layout, &*ctx.store)?;
    let mut folders = Vec::new();
    for name in names {
        folders.push(catalog.find(name, &layout)?.folder.clone());
    }
    let (_guard, layout) = lock(ctx, &layout)?;
    for folder in &folders {
        pin(&layout, folder, pinned, &*ctx.store)?;
    }
    Ok(folders)
}

/// Removes backups by name.
///
/// # Errors
/// [`Error::Protected`] for the release that runs and the one before it, [`Error::Pinned`]; then nothing was removed.
pub async fn remove(ctx: &Context, stack: &StackRef, names: &[String]) -> Result<Vec<String>> {
    let layout = find(ctx, stack).await?.layout;
    let catalog = Catalog::read(&layout, &*ctx.store)?;
    let mut folders = Vec::new();
    for name in names {
        let entry = catalog.find(name, &layout)?;
        if let Some(folder) = entry.release()
            && catalog.protected().contains(&folder.release.id)
        {
            return Err(Error::Protected(entry.folder.clone()));
        }
        if is_pinned(&layout, &entry.folder, &*ctx.store) {
            return Err(Error::Pinned(entry.folder.clone()));
        }
        folders.push(entry.folder.clone());
    }
    let (_guard, layout) = lock(ctx, &layout)?;
    let_go(ctx, &catalog, &folders).await;
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
pub async fn prune(
    ctx: &Context,
    stack: &StackRef,
    retention: Option<Retention>,
    dry_run: bool,
) -> Result<Vec<String>> {
    let layout = find(ctx, stack).await?.layout;
    let catalog = Catalog::read(&layout, &*ctx.store)?;
    if dry_run || catalog.entries.is_empty() {
        let mut removed = removable(ctx, &layout, &catalog, retention);
        removed.extend(vault_size::surplus(ctx, &layout, &catalog, &removed)?.0);
        return Ok(removed);
    }
    let (_guard, layout) = lock(ctx, &layout)?;
    retain(ctx, &layout, retention).await
}
