//! What runs: the recorded release checked against the engine, or, for a stack that Backstay has not deployed, what its
//! containers themselves say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value;

use crate::contents::{alike, record as record_contents};
use crate::context::Context;
use crate::engine::Container;
use crate::error::Result;
use crate::injected_files;
use crate::naming::is_temporary;
use crate::release::{
    Catalog, FileRecord, Origin, Release, ReleaseFolder, ServiceRecord, collect_files,
};
use crate::release::{variable, with_environment};
use crate::stack::{Model, StackRef, completed};
use crate::store::Store;
use crate::store::same_place;

/// What ran when a run began, complete enough to be brought back.
pub(crate) struct Snapshot {
    pub release: Release,
    pub files: Vec<(FileRecord, Option<Vec<u8>>)>,
    pub containers: Vec<Value>,
    pub model: String,
}

/// What is known of the stack as it runs.
pub(crate) struct Observed {
    /// The engine's id.
    pub engine: String,
    /// The project's containers that are another stack's, or nobody's any more: they are left alone.
    pub orphans: Vec<Container>,
    /// Its live containers.
    pub live: Vec<Container>,
    /// The release that they are; `None` where nothing runs and nothing is recorded.
    pub snapshot: Option<Snapshot>,
    /// Whether the stack was adopted just now, and which services run something else than the files say.
    pub adopted: bool,
    /// A recorded release that was changed from outside, to be kept beside the adopted one.
    pub superseded: Option<ReleaseFolder>,
}

impl Observed {
    /// The model of what ran, where it is known and can be read.
    pub(crate) fn model(&self) -> Option<Model> {
        Model::parse(&self.snapshot.as_ref()?.model).ok()
    }
}

/// A container that is part of the stack as users see it: no rehearsal, no candidate, nothing kept for an undo.
#[must_use]
pub(crate) fn is_live(container: &Container) -> bool {
    !container.rehearsal && !is_temporary(&container.name)
}

/// What becomes of the project's containers that are no service of this stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Orphans {
    /// They are left alone, as Compose does.
    Leave,
    /// They are removed, as with `--remove-orphans`.
    Remove,
}

/// Whether a container whose service the files do not name is this stack's: a release of this stack had it, or Compose made it
/// from these files. One that does not say where it comes from is.
pub(crate) fn is_ours(
    container: &Container,
    stack: &StackRef,
    recorded: Option<&Release>,
    store: &dyn Store,
) -> bool {
    let had = recorded.is_some_and(|release| {
        release.services.contains_key(&container.service)
            && is_same_stack(&release.stack, stack, store)
    });
    let Some(directory) = &container.directory else { return true };
    let files = &container.files;
    had || same_place(directory, &stack.directory, store)
        && (files.is_empty() || shares_a_file(files, &stack.files, store))
}

/// Whether two stacks are one: they have a compose file in common, or those of the first are gone, for it was moved.
pub(crate) fn is_same_stack(recorded: &StackRef, stack: &StackRef, store: &dyn Store) -> bool {
    let is_gone = |file: &PathBuf| matches!(store.metadata(file), Ok(None));
    shares_a_file(&recorded.files, &stack.files, store) || recorded.files.iter().all(is_gone)
}

fn shares_a_file(some: &[PathBuf], others: &[PathBuf], store: &dyn Store) -> bool {
    some.iter().any(|file| others.iter().any(|other| same_place(file, other, store)))
}

/// Finds out what runs.
pub(crate) async fn observe(
    ctx: &Context,
    stack: &StackRef,
    model: &Model,
    rendered: &str,
    catalog: &Catalog,
    orphans: Orphans,
) -> Result<Observed> {
    let engine = ctx.engine.id().await?;
    let all = ctx.engine.containers(&model.project).await?;
    let mut live: Vec<Container> = all.into_iter().filter(is_live).collect();
    live.sort_by(|a, b| (&a.service, a.number).cmp(&(&b.service, b.number)));
    if live.iter().any(|container| !model.services.contains_key(&container.service)) {
        // As for Compose, a service of an inactive profile is none that is gone: its containers are left alone. One that
        // the files name by now is neither, though the model, that of a release, does not know it.
        let all = ctx.engine.all_services(stack).await?;
        let active = Model::parse(&ctx.engine.model(stack).await?)?.services;
        live.retain(|container| {
            let name = &container.service;
            model.services.contains_key(name) || active.contains_key(name) || !all.contains(name)
        });
    }
    let recorded_release = catalog.recorded().map(|folder| &folder.release);
    let (live, orphans): (Vec<Container>, Vec<Container>) = live.into_iter().partition(|found| {
        orphans == Orphans::Remove
            || model.services.contains_key(&found.service)
            || is_ours(found, stack, recorded_release, &*ctx.store)
    });
    if let Some(current) = catalog.recorded()
        && matches(&current.release, &live, &alike(ctx, &current.release.services, &live).await?)
    {
        let snapshot = Some(recorded(current, &*ctx.store)?);
        return Ok(Observed { engine, orphans, live, snapshot, adopted: false, superseded: None });
    }
    if live.is_empty() {
        return Ok(Observed {
            engine,
            orphans,
            live,
            snapshot: None,
            adopted: false,
            superseded: None,
        });
    }
    let snapshot = adopt(ctx, stack, model, rendered, catalog, &live).await?;
    Ok(Observed {
        engine,
        orphans,
        live,
        snapshot: Some(snapshot),
        adopted: true,
        superseded: catalog.recorded().cloned(),
    })
}

/// Whether containers are those of a release: each one recorded, or made anew from the same image and definition. One that
/// is missing does not make it another release. `alike` are those whose image has another id and the same content.
pub(crate) fn matches(release: &Release, live: &[Container], alike: &BTreeSet<String>) -> bool {
    live.iter().all(|container| {
        release.services.get(&container.service).is_some_and(|service| {
            service.containers.contains(&container.id)
                || (service.image == container.image || alike.contains(&container.id))
                    && service.compose_hash == container.compose_hash
        })
    })
}

pub(crate) fn recorded(folder: &ReleaseFolder, store: &dyn Store) -> Result<Snapshot> {
    let mut files = Vec::new();
    for record in &folder.release.files {
        files.push((record.clone(), folder.file(record, store)?));
    }
    Ok(Snapshot {
        release: folder.release.clone(),
        files,
        containers: folder.containers(store)?,
        model: folder.model(store)?,
    })
}

async fn adopt(
    ctx: &Context,
    stack: &StackRef,
    model: &Model,
    rendered: &str,
    catalog: &Catalog,
    live: &[Container],
) -> Result<Snapshot> {
    let hashes = ctx.engine.compose_hashes(stack).await?;
    let mut services: BTreeMap<String, ServiceRecord> = BTreeMap::new();
    let mut differs = BTreeSet::new();
    for container in live {
        let name = &container.service;
        let value = |name: &str| variable(stack, name, &*ctx.store);
        let mut as_found = model
            .services
            .get(name)
            .filter(|_| container.compose_hash.as_ref() == hashes.get(name));
        // Compose's hash says nothing of them.
        if container.fingerprint.is_none()
            && as_found.is_some()
            && !injected_files::are_there(ctx, model, container, &value).await?
        {
            as_found = None;
        }
        if as_found.is_none() {
            differs.insert(name.clone());
        }
        let fingerprint = match (&container.fingerprint, as_found) {
            (Some(own), _) => Some(own.clone()),
            (None, Some(service)) => Some(model.fingerprint(service, &*ctx.store, &value)?),
            (None, None) => None,
        };
        let record = services.entry(name.clone()).or_insert_with(|| ServiceRecord {
            reference: container.image_ref.clone(),
            image: container.image.clone(),
            content: None,
            pulled: None,
            fingerprint: fingerprint.unwrap_or_else(|| unknown(container)),
            compose_hash: container.compose_hash.clone(),
            containers: Vec::new(),
        });
        record.containers.push(container.id.clone());
    }
    record_contents(ctx, model, &mut services).await?;
    let created = ctx.timestamp();
    let sequence = catalog.next_sequence();
    let ids: Vec<String> = live.iter().map(|container| container.id.clone()).collect();
    let containers = injected_files::describe(ctx, Some(model), &ids, &differs).await?;
    let differs: Vec<String> = differs.into_iter().collect();
    // The files may name less than what runs, or something else.
    let names: BTreeSet<&str> = services.keys().map(String::as_str).collect();
    let whole = completed(rendered, &containers, &names, &differs)?;
    let networks = Model::parse(&whole)?.own_networks().map(str::to_owned).collect();
    let release = Release {
        version: crate::release::VERSION,
        id: Catalog::id_of(sequence),
        sequence,
        parent: catalog.current.as_ref().map(|folder| folder.release.sequence),
        created,
        origin: Origin::Adopted,
        project: model.project.clone(),
        engine: Some(ctx.engine.id().await?),
        stack: with_environment(stack, model, &*ctx.store)?,
        services,
        files: Vec::new(),
        networks,
        differs,
        parts: BTreeMap::new(),
    };
    Ok(Snapshot {
        release,
        files: collect_files(stack, model, &*ctx.store)?,
        containers,
        model: whole,
    })
}

/// The fingerprint of a container whose definition is not known: equal to no other definition's.
fn unknown(container: &Container) -> String {
    format!("adopted-{}", container.compose_hash.as_deref().unwrap_or(&container.id))
}
