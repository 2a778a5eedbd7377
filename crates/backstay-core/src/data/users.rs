//! Who uses data: the containers that mount it, and the services that write it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::context::Context;
use crate::engine::{Container, EngineResult};
use crate::plan::DataPlace;
use crate::stack::{Copy, DataSet, Model, MountKind, Service, Way};

/// The engine's name of a volume, or the folder of the host.
pub(crate) fn source(model: &Model, copy: &Copy) -> String {
    let volume = model.volumes.get(&copy.source).filter(|_| copy.volume);
    let name = volume.and_then(|volume| volume.get("name")?.as_str());
    name.map_or_else(
        || match copy.volume {
            true => format!("{}_{}", model.project, copy.source),
            false => copy.source.clone(),
        },
        str::to_owned,
    )
}

/// A live container that mounts what is copied, where there is one.
pub(crate) async fn place(
    ctx: &Context,
    model: &Model,
    copy: &Copy,
    live: &[Container],
) -> EngineResult<Option<DataPlace>> {
    let (wanted, ids) = (source(model, copy), ids(live));
    let key = if copy.volume { "Name" } else { "Source" };
    for (detail, container) in ctx.engine.inspect(&ids).await?.iter().zip(live) {
        let mounts = detail.get("Mounts").and_then(Value::as_array).into_iter().flatten();
        let mut mine =
            mounts.filter(|mount| mount.get(key).and_then(Value::as_str) == Some(&wanted));
        let path = mine.find_map(|mount| mount.get("Destination")?.as_str());
        if let Some(path) = path {
            let (id, image) = (container.id.clone(), container.image.clone());
            return Ok(Some(DataPlace { id, image, path: path.to_owned() }));
        }
    }
    Ok(None)
}

/// The live containers that mount what is copied.
pub(crate) async fn users(
    ctx: &Context,
    model: &Model,
    copy: &Copy,
    live: &[Container],
) -> EngineResult<BTreeSet<String>> {
    let (wanted, ids) = (source(model, copy), ids(live));
    let key = if copy.volume { "Name" } else { "Source" };
    let details = ctx.engine.inspect(&ids).await?;
    let uses = |detail: &&Value| {
        let mounts = detail.get("Mounts").and_then(Value::as_array).into_iter().flatten();
        let mut sources = mounts.filter_map(|mount| mount.get(key)?.as_str());
        sources.any(|name| name == wanted)
    };
    let ids = details.iter().filter(uses).filter_map(|detail| detail.get("Id")?.as_str());
    Ok(ids.map(str::to_owned).collect())
}

fn ids(live: &[Container]) -> Vec<String> {
    live.iter().map(|container| container.id.clone()).collect()
}

/// The services that write a set: those that are named, else those that depend on the service whose data it is, near or far, or
/// mount what is copied.
pub(crate) fn writers(model: &Model, set: &DataSet) -> BTreeSet<String> {
    if !set.writers.is_empty() {
        return set.writers.iter().cloned().collect();
    }
    match &set.way {
        Way::Dump(dump) => {
            let mut found = BTreeSet::from([dump.service.clone()]);
            loop {
                let depends = |service: &&Service| {
                    !found.contains(&service.name)
                        && service.depends_on.keys().any(|name| found.contains(name))
                };
                let more: Vec<String> =
                    model.services.values().filter(depends).map(|s| s.name.clone()).collect();
                if more.is_empty() {
                    break;
                }
                found.extend(more);
            }
            found.remove(&dump.service);
            found
        }
        Way::Copy(copy) => {
            let kind = if copy.volume { MountKind::Volume } else { MountKind::Bind };
            let uses = |service: &&Service| {
                let mut mounts = service.mounts.iter();
                mounts.any(|mount| mount.kind == kind && mount.source == copy.source)
            };
            model.services.values().filter(uses).map(|service| service.name.clone()).collect()
        }
    }
}
