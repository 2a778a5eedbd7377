//! What is checked before a run touches anything.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::mounts;
use crate::context::Context;
use crate::engine::PortClaim;
use crate::error::{Error, Obstacle, Result};
use crate::layout::Layout;
use crate::observed::Observed;
use crate::stack::{Model, StackRef, check_own_keys};
use crate::vault::Vault;

/// The least free space for a run's own records, in bytes.
pub const ROOM: u64 = 4 << 20;

/// Reads the stack's model: the first thing of every run, because a mistake in it must change nothing.
pub(crate) async fn model(ctx: &Context, stack: &StackRef) -> Result<(Model, String)> {
    for file in &stack.files {
        if !matches!(ctx.store.metadata(file), Ok(Some(_))) {
            return Err(Error::MissingFile { file: file.clone(), user: "-f".to_owned() });
        }
    }
    // What Compose says of a mistake may quote a value.
    ctx.secrets.learn(stack, None, &*ctx.store);
    let rendered = ctx.engine.model(stack).await?;
    let model = Model::parse(&rendered)?;
    check_own_keys(&model.raw)?;
    ctx.secrets.learn(stack, Some(&model), &*ctx.store);
    Ok((model, rendered))
}

/// Looks for whatever would make the run fail half-way. `coming` are files that the run puts in place.
///
/// # Errors
/// [`Error::NotReady`] with all of it.
pub(crate) async fn check(
    ctx: &Context,
    layout: &Layout,
    model: &Model,
    coming: &BTreeSet<PathBuf>,
) -> Result<()> {
    let unsupported = model.unsupported();
    if !unsupported.is_empty() {
        return Err(Error::Unsupported(unsupported));
    }
    let mut obstacles = missing_files(ctx, model, coming);
    let free = ctx
        .store
        .available(layout.root())
        .map_err(|error| Error::io("reading", layout.root(), error))?;
    if free < ROOM {
        obstacles.push(Obstacle::DiskFull { path: layout.root().to_owned(), free, needed: ROOM });
    }
    let claims: Vec<PortClaim> = model
        .services
        .values()
        .flat_map(|service| service.ports.iter().map(move |port| (service, port)))
        .filter(|(_, port)| port.published.is_some_and(|(first, last)| first == last))
        .map(|(service, port)| PortClaim { service: service.name.clone(), port: port.clone() })
        .chain(model.gateway.ports.iter().map(|held| held.claim()))
        .collect();
    for conflict in ctx.engine.port_conflicts(&model.project, &claims).await? {
        obstacles.push(Obstacle::PortTaken {
            service: conflict.service,
            port: conflict.port,
            holder: conflict.container,
        });
    }
    obstacles.extend(names_taken(ctx, model).await?);
    if obstacles.is_empty() { Ok(()) } else { Err(Error::NotReady(obstacles)) }
}

/// The sources of mounts that are missing and can't be made: see [`mounts::missing`]. An engine of another machine has files of
/// its own.
///
/// # Errors
/// [`Error::NotReady`] with all of them.
pub(crate) async fn sources(
    ctx: &Context,
    model: &Model,
    only: Option<&BTreeSet<String>>,
    coming: &BTreeSet<PathBuf>,
    known: &BTreeSet<PathBuf>,
) -> Result<()> {
    if !is_local(&ctx.engine.info().await?.host) {
        return Ok(());
    }
    let obstacles = mounts::missing(model, only, coming, known, &*ctx.store)?;
    if obstacles.is_empty() { Ok(()) } else { Err(Error::NotReady(obstacles)) }
}

/// Whether an engine's files are those of this machine, as far as its address says.
pub(crate) fn is_local(host: &str) -> bool {
    !["tcp:", "ssh:", "http:", "https:"].iter().any(|scheme| host.starts_with(scheme))
}

/// Names that containers of this stack are to have, and others already do.
async fn names_taken(ctx: &Context, model: &Model) -> Result<Vec<Obstacle>> {
    let mut wanted = BTreeMap::new();
    for service in model.services.values() {
        let usual = |number| format!("{}-{}-{number}", model.project, service.name);
        let own = service.container_name.clone();
        let names = (1..=service.replicas.min(100)).map(usual);
        for name in own.map_or_else(|| names.collect(), |name| vec![name]) {
            wanted.insert(name, service.name.clone());
        }
    }
    let strangers = ctx.engine.strangers(&model.project).await?;
    let taken = strangers.into_iter().filter_map(|stranger| {
        let service = wanted.get(&stranger.name)?.clone();
        Some(Obstacle::NameTaken { service, name: stranger.name, project: stranger.project })
    });
    Ok(taken.collect())
}

/// Whether the vault can take in what runs, so that a backup can be made.
///
/// # Errors
/// What names the file that stands in the way.
pub(crate) fn vault(ctx: &Context, layout: &Layout, observed: &Observed) -> Result<()> {
    let Some(snapshot) = &observed.snapshot else { return Ok(()) };
    let vault = Vault::new(layout.vault(), ctx.store.clone());
    let images: BTreeSet<&str> = snapshot.release.images().collect();
    images.into_iter().try_for_each(|image| vault.has_room_for(image))
}

fn missing_files(ctx: &Context, model: &Model, coming: &BTreeSet<PathBuf>) -> Vec<Obstacle> {
    let mut obstacles = Vec::new();
    for (kind, definitions, used) in [
        ("config", &model.configs, (|s| &s.configs) as fn(&crate::stack::Service) -> &Vec<String>),
        ("secret", &model.secrets, |s| &s.secrets),
    ] {
        for (name, definition) in definitions {
            let Some(file) = &definition.file else { continue };
            let file = PathBuf::from(file);
            let is_used = model.services.values().any(|service| used(service).contains(name));
            if is_used
                && !coming.contains(&file)
                && !matches!(ctx.store.metadata(&file), Ok(Some(_)))
            {
                obstacles.push(Obstacle::FileMissing { file, user: format!("{kind} `{name}`") });
            }
        }
    }
    obstacles
}
