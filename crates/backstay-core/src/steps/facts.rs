//! Finding out what decides how services are replaced and does not stand in their definitions.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use futures_util::future::try_join_all;

use crate::context::Context;
use crate::engine::{Container, EngineResult, Status};
use crate::plan::{Desired, Facts, Memory};
use crate::stack::{MountKind, Service};
use crate::store::EntryKind;

/// What should run, with all that is known of it. Only the services that are `touched` are looked at closely.
pub(crate) async fn known<'a>(
    ctx: &Context,
    desired: &Desired<'a>,
    live: &[Container],
    touched: &BTreeSet<String>,
) -> EngineResult<Desired<'a>> {
    let touched = |name: &str| touched.contains(name);
    let services = desired.model.services.values();
    let facts = try_join_all(services.clone().map(async |service| {
        let mine: Vec<&Container> = live.iter().filter(|c| c.service == service.name).collect();
        let known = desired.images.get(&service.name).and_then(Option::as_deref);
        // What is not built yet is most likely what it has been.
        let image = known.or_else(|| mine.first().map(|container| container.image.as_str()));
        let image = image.unwrap_or(&service.image);
        let mut facts = Facts {
            image: ctx.engine.image_facts(image).await?,
            folders: folders(ctx, service),
            ..Facts::default()
        };
        if touched(&service.name)
            && let Some(runs) = mine.iter().find(|c| c.state.status == Status::Running)
        {
            let ports = ctx.engine.listening(&runs.id).await?;
            facts.listens = ports.as_ref().map(|ports| !ports.is_empty());
            facts.ports = ports.unwrap_or_default();
        }
        Ok((service.name.clone(), facts))
    }));
    let facts: BTreeMap<String, Facts> = facts.await?.into_iter().collect();
    let other_labels = services.filter(|service| differ(service, live));
    Ok(Desired {
        facts,
        other_labels: other_labels.map(|service| service.name.clone()).collect(),
        memory: memory(ctx, live, &touched).await?,
        ..desired.clone()
    })
}

/// The sources of bind mounts that are folders, or not there yet.
fn folders(ctx: &Context, service: &Service) -> BTreeSet<String> {
    let binds = service.mounts.iter().filter(|mount| mount.kind == MountKind::Bind);
    let is_file = |source: &str| {
        let place = ctx.store.resolve(Path::new(source)).ok();
        let found = place.and_then(|place| ctx.store.metadata(&place).ok().flatten());
        found.is_some_and(|found| found.kind != EntryKind::Directory)
    };
    binds.map(|mount| mount.source.clone()).filter(|source| !is_file(source)).collect()
}

/// Whether a service has labels that its live containers do not have in this way.
fn differ(service: &Service, live: &[Container]) -> bool {
    let labels = crate::plan::labels(service);
    let mut mine = live.iter().filter(|container| container.service == service.name);
    // What begins alike is read by the same program: a label that is gone counts too.
    let kind = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    let kinds: BTreeSet<String> = labels.iter().map(|(name, _)| kind(name)).collect();
    mine.any(|container| {
        let has = container.labels.iter().filter(|(name, _)| kinds.contains(&kind(name)));
        let has: BTreeMap<&str, &str> = has.map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let wants: BTreeMap<&str, &str> =
            labels.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        has != wants
    })
}

async fn memory(
    ctx: &Context,
    live: &[Container],
    touched: &(dyn Fn(&str) -> bool + Sync),
) -> EngineResult<Option<Memory>> {
    let runs = |container: &&Container| {
        touched(&container.service) && container.state.status == Status::Running
    };
    let mine: Vec<&Container> = live.iter().filter(runs).collect();
    let ids: Vec<String> = mine.iter().map(|container| container.id.clone()).collect();
    if ids.is_empty() {
        return Ok(None);
    }
    let Some(found) = ctx.engine.memory(&ids).await? else { return Ok(None) };
    let mut used: BTreeMap<String, u64> = BTreeMap::new();
    for container in mine {
        let bytes = found.used.get(&container.id).copied().unwrap_or_default();
        *used.entry(container.service.clone()).or_default() += bytes;
    }
    Ok(Some(Memory { free: found.free, used }))
}
