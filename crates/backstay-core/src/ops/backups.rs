//! `backups`: the list of what is kept, and removing from it.

use super::finish::{collect_images, protected, removable, retain};
use super::recover::lock;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::ports::{Clock, Engine};
use crate::release::{Catalog, Retention, discard};
use crate::stack::StackRef;
use crate::state::find;

pub use super::verify::{Verified, verify};

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
pub async fn list<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    stack: &StackRef,
) -> Result<Listing> {
    let layout = find(ctx, stack).await?.layout;
    let (catalog, flaw) = Catalog::look(&layout, &*ctx.store)?;
    Ok(Listing { catalog, layout, flaw })
}

/// Removes backups by name.
///
/// # Errors
/// [`Error::Protected`] for the release that runs and the one before it; then nothing was removed.
pub async fn remove<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    stack: &StackRef,
    names: &[String],
) -> Result<Vec<String>> {
    let layout = find(ctx, stack).await?.layout;
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
    let (_guard, layout) = lock(ctx, &layout)?;
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
pub async fn prune<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    stack: &StackRef,
    retention: Option<Retention>,
    dry_run: bool,
) -> Result<Vec<String>> {
    let layout = find(ctx, stack).await?.layout;
    let catalog = Catalog::read(&layout, &*ctx.store)?;
    if dry_run || catalog.entries.is_empty() {
        return Ok(removable(ctx, &catalog, retention));
    }
    let (_guard, layout) = lock(ctx, &layout)?;
    retain(ctx, &layout, retention)
}
