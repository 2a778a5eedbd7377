//! Databases in the middle of their first start when a first deployment fails: their containers go, and what they have begun to
//! write stays.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::context::Context;
use crate::engine::{Container, Status};
use crate::event::{Event, Note};
use crate::plan::is_database;
use crate::stack::{Model, MountKind, Service};

/// Says whose data may be half initialised. `run` is the run that is about to be undone; nothing ran before it.
pub(super) async fn tell(ctx: &Context, model: &Model, run: &str) {
    // The failure is what matters; nothing is added to it where the engine does not answer.
    let Ok(found) = ctx.engine.containers(&model.project).await else { return };
    let mut by_service: BTreeMap<&str, &Container> = BTreeMap::new();
    for container in found.iter().filter(|container| is_under_way(container, run)) {
        by_service.insert(&container.service, container);
    }
    for (name, container) in by_service {
        let Some(service) = model.services.get(name) else { continue };
        if ctx.memory.is_known_ready(name) {
            continue;
        }
        let image = ctx.engine.image_facts(&container.image).await.ok().flatten();
        let places = places(model, service);
        if !places.is_empty() && is_database(service, image.as_ref()) {
            let note = Note::HalfMade { service: name.to_owned(), places };
            ctx.reporter.report(&Event::Note { note });
        }
    }
}

/// Whether a container of this run has been started.
fn is_under_way(container: &Container, run: &str) -> bool {
    container.run.as_deref() == Some(run)
        && !container.rehearsal
        && container.state.status != Status::Created
}

/// The volumes, by their names on the engine, and the folders that a service writes to and that stay.
fn places(model: &Model, service: &Service) -> Vec<String> {
    let written = service.mounts.iter().filter(|mount| !mount.read_only);
    let places = written.filter_map(|mount| match mount.kind {
        MountKind::Volume if mount.source.is_empty() => None,
        MountKind::Volume => {
            let volume = model.volumes.get(&mount.source);
            let name = volume.and_then(|volume| volume.get("name")).and_then(Value::as_str);
            Some(name.unwrap_or(&mount.source).to_owned())
        }
        MountKind::Bind => Some(mount.source.clone()),
        MountKind::Other(_) => None,
    });
    places.collect()
}
