//! How much the vault may take: the oldest releases go first.

use std::collections::{BTreeMap, BTreeSet};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::release::{Catalog, Entry, ReleaseFolder, is_pinned};
use crate::vault::Vault;

/// The blobs of releases' images, each once.
type Blobs = BTreeMap<String, u64>;

/// What one backup takes in the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Size {
    /// Bytes that are there for it alone.
    pub own: u64,
    /// Bytes that others need too: other backups, or what runs.
    pub shared: u64,
}

/// Which of the backups have to go, beside those that go anyway, so that the vault has at most its size; and that size. What
/// runs, the release before it, and pinned ones stay, however large they are.
///
/// # Errors
/// When the free space can't be asked for.
pub(super) fn surplus(
    ctx: &Context,
    layout: &Layout,
    catalog: &Catalog,
    going: &[String],
) -> Result<(Vec<String>, u64)> {
    let store = &*ctx.store;
    let vault = Vault::new(layout.vault(), ctx.store.clone());
    let current = catalog.current.iter().map(|folder| blobs(&vault, folder)).next();
    let current = current.unwrap_or_default();
    let protected = catalog.protected();
    let mut kept: Vec<(&Entry, Blobs)> = catalog
        .entries
        .iter()
        .filter(|entry| !going.contains(&entry.folder))
        .filter_map(|entry| Some((entry, blobs(&vault, entry.release()?))))
        .collect();
    let total = |kept: &[(&Entry, Blobs)]| -> u64 {
        let all = kept.iter().map(|(_, blobs)| blobs).chain([&current]);
        all.flatten().collect::<BTreeMap<_, _>>().into_values().sum()
    };
    let limit = match said(ctx, catalog) {
        Some(limit) => limit,
        None => {
            let root = vault.root();
            let free = store.available(root).map_err(|error| Error::io("reading", root, error))?;
            // Half of the room that it could have.
            total(&kept).saturating_add(free) / 2
        }
    };
    let mut gone = Vec::new();
    while total(&kept) > limit {
        let may_go = |(entry, blobs): &(&Entry, Blobs)| {
            let release = entry.release().map(|folder| &folder.release.id);
            let is_protected = release.is_some_and(|id| protected.contains(id));
            !is_protected && !blobs.is_empty() && !is_pinned(layout, &entry.folder, store)
        };
        // The newest comes first.
        let Some(at) = kept.iter().rposition(may_go) else { break };
        gone.push(kept.remove(at).0.folder.clone());
    }
    Ok((gone, limit))
}

/// What each backup of the list takes, in its order.
pub(super) fn sizes(ctx: &Context, layout: &Layout, catalog: &Catalog) -> Vec<Size> {
    let vault = Vault::new(layout.vault(), ctx.store.clone());
    let of = |folder: Option<&ReleaseFolder>| {
        folder.map(|folder| blobs(&vault, folder)).unwrap_or_default()
    };
    let all: Vec<Blobs> = catalog.entries.iter().map(|entry| of(entry.release())).collect();
    let current = of(catalog.current.as_ref());
    let mut users: BTreeMap<&str, usize> = BTreeMap::new();
    for name in all.iter().chain([&current]).flat_map(BTreeMap::keys) {
        *users.entry(name).or_default() += 1;
    }
    let size = |blobs: &Blobs| {
        let mut size = Size::default();
        for (name, bytes) in blobs {
            match users.get(name.as_str()) {
                Some(1) => size.own += bytes,
                _ => size.shared += bytes,
            }
        }
        size
    };
    all.iter().map(size).collect()
}

fn blobs(vault: &Vault, folder: &ReleaseFolder) -> Blobs {
    let images: BTreeSet<&str> = folder.release.images().collect();
    images.into_iter().flat_map(|image| vault.blobs_of(image)).collect()
}

/// What the stack itself says: the model of the release that runs.
fn said(ctx: &Context, catalog: &Catalog) -> Option<u64> {
    catalog.current.as_ref()?.parsed_model(&*ctx.store)?.vault.max_size
}
