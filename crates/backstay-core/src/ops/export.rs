//! `backups export`: a kept release with its images, ready to be written to one file.

use crate::archive::Outgoing;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::lock::Guard;
use crate::release::{Catalog, ReleaseFolder};
use crate::stack::StackRef;
use crate::state::find;
use crate::vault::Vault;

use super::recover::lock;

/// How the release that runs now is named.
pub(super) const CURRENT: &str = "current";

/// Finds a release and all that it needs. Images that are not in the vault yet are stored there. As long as the guard is held,
/// nobody removes any of it.
///
/// # Errors
/// [`Error::NoRelease`], what is damaged, or [`Error::Incomplete`] where an image is neither in the vault nor on the engine.
pub async fn prepare(ctx: &Context, stack: &StackRef, name: &str) -> Result<(Guard, Outgoing)> {
    let layout = find(ctx, stack).await?.layout;
    // Before the lock makes a folder: a stack without releases stays without one.
    chosen(ctx, &layout, name)?;
    let (guard, layout) = lock(ctx, &layout)?;
    let (folder, name) = chosen(ctx, &layout, name)?;
    let vault = Vault::new(layout.vault(), ctx.store.clone());
    store(ctx, &folder, &vault).await?;
    Ok((guard, Outgoing::new(&folder, &name, &vault, ctx.store.clone())?))
}

/// The release that is meant, and the name that it has as a backup.
pub(super) fn chosen(
    ctx: &Context,
    layout: &Layout,
    name: &str,
) -> Result<(ReleaseFolder, String)> {
    let store = &*ctx.store;
    let (catalog, flaw) = Catalog::look(layout, store)?;
    if name == CURRENT {
        return match (flaw, &catalog.current) {
            (Some(flaw), _) => Err(flaw),
            (None, None) => Err(Error::NoRelease(name.to_owned())),
            (None, Some(folder)) => Ok((folder.clone(), catalog.free_name(&*ctx.clock))),
        };
    }
    let entry = catalog.find(name, layout)?;
    Ok((entry.good(layout, store)?.clone(), entry.folder.clone()))
}

/// Stores what the vault lacks: what waits to be stored, and what a registry would give back. Where the file goes there may be none.
async fn store(ctx: &Context, folder: &ReleaseFolder, vault: &Vault) -> Result<()> {
    let mut missing = Vec::new();
    for image in folder.release.images() {
        if vault.has(image).map_err(|error| Error::io("reading", vault.root(), error))? {
            continue;
        }
        if ctx.engine.image(image).await?.is_none() {
            missing.push(format!("image {image} is neither on the engine nor in the vault"));
        } else if let Err(error) = ctx.engine.save_image(image, vault).await {
            missing.push(format!("image {image}: {}", error.message));
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    missing.sort();
    missing.dedup();
    Err(Error::Incomplete { release: folder.release.id.clone(), missing })
}
