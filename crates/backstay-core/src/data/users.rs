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

/// A live container that mounts what is copied, where there is one: one that may write it and sees all of it, where there is such.
pub(crate) async fn place(
    ctx: &Context,
    model: &Model,
    copy: &Copy,
    live: &[Container],
) -> EngineResult<Option<DataPlace>> {
    let (wanted, ids) = (source(model, copy), ids(live));
    let mut second = None;
    for (detail, container) in ctx.engine.inspect(&ids).await?.iter().zip(live) {
        let place = |path: &str| {
            let (id, image) = (container.id.clone(), container.image.clone());
            DataPlace { id, image, path: path.to_owned() }
        };
        for mount in mounts(detail, copy, &wanted) {
            let Some(path) = mount.get("Destination").and_then(Value::as_str) else { continue };
            if is_way_back(detail, mount, path) {
                return Ok(Some(place(path)));
            }
            second = second.or_else(|| Some(place(path)));
        }
    }
    Ok(second)
}

/// Whether something can bring back what is copied: a live container that may write all of it.
pub(crate) async fn can_return(
    ctx: &Context,
    model: &Model,
    copy: &Copy,
    live: &[Container],
) -> EngineResult<bool> {
    let wanted = source(model, copy);
    let details = ctx.engine.inspect(&ids(live)).await?;
    let can = |detail: &Value| {
        mounts(detail, copy, &wanted).any(|mount| {
            let path = mount.get("Destination").and_then(Value::as_str);
            path.is_some_and(|path| is_way_back(detail, mount, path))
        })
    };
    Ok(details.iter().any(can))
}

/// Where a container mounts it.
fn mounts<'a>(
    detail: &'a Value,
    copy: &Copy,
    wanted: &'a str,
) -> impl Iterator<Item = &'a Value> + use<'a> {
    let key = if copy.volume { "Name" } else { "Source" };
    let mounts = detail.get("Mounts").and_then(Value::as_array).into_iter().flatten();
    mounts.filter(move |mount| mount.get(key).and_then(Value::as_str) == Some(wanted))
}

/// Whether all of it can be written there.
fn is_way_back(detail: &Value, mount: &Value, path: &str) -> bool {
    mount.get("RW").and_then(Value::as_bool).unwrap_or(true) && !is_part(detail, path)
}

/// Whether a folder of the volume is mounted there, not all of it.
fn is_part(detail: &Value, path: &str) -> bool {
    let asked = detail.pointer("/HostConfig/Mounts").and_then(Value::as_array);
    asked.into_iter().flatten().any(|mount| {
        mount.get("Target").and_then(Value::as_str) == Some(path)
            && mount
                .pointer("/VolumeOptions/Subpath")
                .and_then(Value::as_str)
                .is_some_and(|part| !part.is_empty())
    })
}

/// The live containers that mount what is copied.
pub(crate) async fn users(
    ctx: &Context,
    model: &Model,
    copy: &Copy,
    live: &[Container],
) -> EngineResult<BTreeSet<String>> {
    let (wanted, ids) = (source(model, copy), ids(live));
    let details = ctx.engine.inspect(&ids).await?;
    let uses = |detail: &&Value| mounts(detail, copy, &wanted).next().is_some();
    let ids = details.iter().filter(uses).filter_map(|detail| detail.get("Id")?.as_str());
    Ok(ids.map(str::to_owned).collect())
}

fn ids(live: &[Container]) -> Vec<String> {
    live.iter().map(|container| container.id.clone()).collect()
}

/// The services that write a set: those that are named, else those that depend on the service whose data it is, near or far, or
/// mount what is copied. Where nobody depends on it, whoever can reach it may write.
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
            if found.is_empty() { neighbours(model, &dump.service) } else { found }
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

/// The services that share a network with one.
fn neighbours(model: &Model, name: &str) -> BTreeSet<String> {
    let Some(own) = model.services.get(name) else { return BTreeSet::new() };
    let shares = |service: &&Service| {
        service.name != name
            && (service.network_mode.is_some()
                || own.network_mode.is_some()
                || service.networks.keys().any(|network| own.networks.contains_key(network)))
    };
    model.services.values().filter(shares).map(|service| service.name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writers_of_db(services: &str) -> Vec<String> {
        let db = "db: {image: x, networks: {back: null}, x-backstay: {data: {dump: mysql}}}";
        let model = format!("name: shop\nservices: {{{db}, {services}}}\n");
        let model = Model::parse(&model).unwrap();
        writers(&model, &model.data["db"]).into_iter().collect()
    }

    #[test]
    fn who_depends_on_it_writes_near_or_far() {
        let services = "api: {image: x, networks: {back: null}, depends_on: {db: {condition: service_started}}},
            web: {image: x, depends_on: {api: {condition: service_started}}},
            adminer: {image: x, networks: {back: null}}";
        assert_eq!(writers_of_db(services), ["api", "web"]);
    }

    #[test]
    fn where_nobody_depends_on_it_whoever_reaches_it_may_write() {
        let services = "api: {image: x, networks: {back: null, front: null}},
            web: {image: x, networks: {front: null}}, worker: {image: x, network_mode: host}";
        assert_eq!(writers_of_db(services), ["api", "worker"]);
    }

    #[test]
    fn a_mount_of_a_folder_of_it_is_not_all_of_it() {
        let detail = serde_json::json!({"HostConfig": {"Mounts": [
            {"Target": "/a", "VolumeOptions": {"Subpath": "x"}}, {"Target": "/b"}]}});
        assert!(is_part(&detail, "/a") && !is_part(&detail, "/b") && !is_part(&detail, "/c"));
    }
}
