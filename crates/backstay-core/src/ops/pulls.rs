//! What is pulled: what `docker compose up` would pull.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use crate::context::Context;
use crate::engine::{EngineResult, ImageDetail, PullRequest};
use crate::event::{Event, Failure, Note};
use crate::observed::Observed;
use crate::plan::Step;
use crate::plan::Undo;
use crate::run::Run;
use crate::stack::{Model, PullPolicy, Service, StackRef, is_movable};

/// How it is decided what is pulled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pulling {
    /// Newer ones are asked for: `--pull`.
    pub newer: bool,
    /// A `pull_policy` may ask for newer ones too.
    pub by_policy: bool,
}

/// Which of these services' images are pulled, and for which of them nothing can be done that was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Pulls {
    pub services: Vec<String>,
    /// Services for which `--pull` does nothing: their `pull_policy` forbids it, or they name no image.
    pub idle: Vec<String>,
}

/// Decides. What is built in this run is not pulled.
pub(crate) async fn decide(
    ctx: &Context,
    model: &Model,
    services: &[&Service],
    built: &BTreeSet<&str>,
    how: Pulling,
    observed: &Observed,
) -> EngineResult<Pulls> {
    // What one service builds, another one may run.
    let made_here: BTreeSet<&str> = built
        .iter()
        .filter_map(|name| model.services.get(*name))
        .map(|service| service.image.as_str())
        .collect();
    let mut pulls = Pulls::default();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for service in services {
        if built.contains(service.name.as_str()) || made_here.contains(service.image.as_str()) {
            continue;
        }
        let policy = match service.pull_policy() {
            // A way back takes nothing newer.
            PullPolicy::Always | PullPolicy::Every(_) if !how.by_policy => PullPolicy::Missing,
            policy => policy,
        };
        let forbids = matches!(policy, PullPolicy::Never | PullPolicy::Build);
        if !service.names_image() || forbids {
            if how.newer {
                pulls.idle.push(service.name.clone());
            }
            continue;
        }
        let found = ctx.engine.image_detail(&service.image, None).await?;
        let age = found.as_ref().and_then(|detail| age(ctx, detail));
        let is_there = found.is_some() || pinned(ctx, service, observed).await?.is_some();
        let is_wanted = policy.pulls(is_there, age, how.newer);
        // Of services with one reference, one is enough.
        if is_wanted && seen.insert(service.image.as_str()) {
            pulls.services.push(service.name.clone());
        }
    }
    Ok(pulls)
}

/// The time since a reference was pointed to an image. A clock that was put back makes it none.
fn age(ctx: &Context, detail: &ImageDetail) -> Option<Duration> {
    let tagged: Timestamp = detail.tagged.as_ref()?.parse().ok()?;
    let age = ctx.clock.now().timestamp().duration_since(tagged);
    Some(age.try_into().unwrap_or_default())
}

/// Pulls.
pub(crate) async fn pull(
    run: &mut Run<'_>,
    stack: &StackRef,
    model: &Model,
    services: &[&Service],
    built: &BTreeSet<&str>,
    how: Pulling,
    observed: &Observed,
) -> Result<(), Failure> {
    let ctx = run.ctx;
    let pulls = decide(ctx, model, services, built, how, observed).await?;
    for service in &pulls.idle {
        let note = Note::NothingToPull { service: service.clone() };
        ctx.reporter.report(&Event::Note { note });
    }
    if pulls.services.is_empty() {
        return Ok(());
    }
    let images: BTreeSet<&String> = services
        .iter()
        .filter(|service| pulls.services.contains(&service.name))
        .map(|service| &service.image)
        .collect();
    let before: BTreeMap<String, Option<String>> =
        crate::steps::ids::ids(ctx, images.into_iter().cloned().collect()).await?;
    let request = PullRequest { stack, services: &pulls.services };
    let effect = async { ctx.engine.pull(&request, &*ctx.reporter).await.map_err(Failure::from) };
    let step = Step::Pull { services: pulls.services.clone() };
    run.step(step, Undo::Tags { before }, effect).await
}

/// The image of a reference with a digest that the engine does not find by it, as after it came back from the vault: what the
/// service's release has recorded under this reference is it, for a digest has one image.
pub(crate) async fn pinned(
    ctx: &Context,
    service: &Service,
    observed: &Observed,
) -> EngineResult<Option<String>> {
    let services = observed.snapshot.as_ref().map(|snapshot| &snapshot.release.services);
    let record = services.and_then(|services| services.get(&service.name));
    match record.filter(|record| !is_movable(&service.image) && record.reference == service.image) {
        Some(record) => ctx.engine.image(&record.image).await,
        None => Ok(None),
    }
}
