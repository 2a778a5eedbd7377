//! Whether there is room for what a run is to store, before anything is built: images in the vault, data beside the backup.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use crate::context::Context;
use crate::data;
use crate::engine::EngineResult;
use crate::error::{Error, Obstacle, Result};
use crate::layout::Layout;
use crate::observed::Observed;
use crate::release::Catalog;
use crate::stack::{DataSet, Model, Service, Way};
use crate::vault::{RESERVE, Vault};

/// What is to be stored.
pub(crate) struct Coming<'a> {
    /// Services that are built: how large their images will be is not known, but what runs now is like them.
    pub built: Vec<&'a Service>,
    /// Services whose image is there, or will be pulled.
    pub others: Vec<&'a Service>,
}

/// Compares what is free with the images that are to be stored.
///
/// # Errors
/// [`Error::NotReady`] where the room is too small, or what keeps it from being known.
pub(crate) async fn check(
    ctx: &Context,
    layout: &Layout,
    observed: &Observed,
    coming: &Coming<'_>,
) -> Result<()> {
    let vault = Vault::new(layout.vault(), ctx.store.clone());
    let mut needs = Needs { vault: &vault, contents: vault.contents(), seen: BTreeSet::new() };
    let mut images: Vec<(String, u64)> = Vec::new();
    let mut add = |service: &str, size: u64| match images.iter_mut().find(|(s, _)| s == service) {
        Some((_, sum)) => *sum += size,
        None if size > 0 => images.push((service.to_owned(), size)),
        None => {}
    };
    let snapshot = observed.snapshot.iter();
    let records = snapshot.flat_map(|snapshot| &snapshot.release.services);
    for (service, record) in records.filter(|(_, record)| record.pulled.is_none()) {
        add(service, needs.of(ctx, &record.image).await?);
    }
    let mut models = BTreeSet::new();
    for service in &coming.built {
        let of_service = observed.live.iter().filter(|live| live.service == service.name);
        for live in of_service {
            if models.insert(live.image.as_str()) {
                add(&service.name, needs.of_the_like(ctx, &live.image).await?);
            }
        }
    }
    for service in &coming.others {
        if let Some(id) = ctx.engine.image(&service.image).await? {
            add(&service.name, needs.of(ctx, &id).await?);
        }
    }
    let needed: u64 = images.iter().map(|(_, size)| size).sum();
    let path = vault.root();
    let free = ctx.store.available(path).map_err(|error| Error::io("reading", path, error))?;
    if needed == 0 || free >= needed.saturating_add(RESERVE) {
        return Ok(());
    }
    let path = path.to_owned();
    let (free, reserve) = (free, RESERVE);
    Err(Error::NotReady(vec![Obstacle::VaultFull { path, free, needed, reserve, images }]))
}

/// How long the engine may take to say how large volumes are.
const MEASURING: Duration = Duration::from_secs(20);

/// Compares what is free with the data that is to be saved: with what the last copies took, and where there is none yet with the
/// volumes.
///
/// # Errors
/// [`Error::NotReady`] where the room is too small, or what keeps it from being known.
pub(crate) async fn data(
    ctx: &Context,
    layout: &Layout,
    model: &Model,
    catalog: &Catalog,
) -> Result<()> {
    let store = &*ctx.store;
    let mut needed = 0_u64;
    for set in model.data.values() {
        let copies = catalog.entries.iter().filter_map(|entry| {
            let record = data::read(&layout.backup(&entry.folder), store).ok().flatten()?;
            record.sets.get(&set.name).map(|saved| saved.size)
        });
        let measured = copies.into_iter().next();
        needed = needed.saturating_add(match measured {
            // It may have grown since.
            Some(size) => size.saturating_add(size / 4),
            None => of_volumes(ctx, model, set).await?,
        });
    }
    let path = layout.root();
    let free = store.available(path).map_err(|error| Error::io("reading", path, error))?;
    let needed = needed.saturating_add(RESERVE);
    if model.data.is_empty() || free >= needed {
        return Ok(());
    }
    Err(Error::NotReady(vec![Obstacle::DiskFull { path: path.to_owned(), free, needed }]))
}

/// What the volumes take that a set is about, as far as the engine says.
async fn of_volumes(ctx: &Context, model: &Model, set: &DataSet) -> EngineResult<u64> {
    let names: Vec<String> = match &set.way {
        Way::Copy(copy) if copy.volume => vec![data::source(model, copy)],
        Way::Copy(_) => Vec::new(),
        Way::Dump(dump) => {
            let mounts = model.services.get(&dump.service).map(|service| &service.mounts);
            let volumes = mounts.into_iter().flatten().filter_map(|mount| {
                let volume = model.volumes.get(&mount.source)?;
                volume.get("name")?.as_str().map(str::to_owned)
            });
            volumes.collect()
        }
    };
    let mut sum = 0_u64;
    for name in names {
        let asked = pin!(ctx.engine.volume_size(&name));
        if let Either::Left((size, _)) = select(asked, pin!(ctx.clock.sleep(MEASURING))).await {
            sum = sum.saturating_add(size?.unwrap_or(0));
        }
    }
    Ok(sum)
}

struct Needs<'a> {
    vault: &'a Vault,
    /// What is in the vault: the size of each layer by its digest.
    contents: BTreeMap<String, u64>,
    seen: BTreeSet<String>,
}

impl Needs<'_> {
    /// What an image takes that is not there yet, at most.
    async fn of(&mut self, ctx: &Context, image: &str) -> EngineResult<u64> {
        if !self.seen.insert(image.to_owned()) || self.vault.has(image).unwrap_or(false) {
            return Ok(0);
        }
        let Some(detail) = ctx.engine.image_detail(image, None).await? else { return Ok(0) };
        let there = detail.layers.iter().filter_map(|layer| self.contents.get(layer));
        Ok(detail.size.saturating_sub(there.sum()))
    }

    /// What another version of an image may take.
    async fn of_the_like(&self, ctx: &Context, image: &str) -> EngineResult<u64> {
        let stored: u64 = self.vault.blobs_of(image).values().sum();
        if stored > 0 {
            return Ok(stored);
        }
        let detail = ctx.engine.image_detail(image, None).await?;
        Ok(detail.map_or(0, |detail| detail.size))
    }
}
