//! The images that a deploy is to run: built under tags of the run, pulled where Compose would pull them.

use std::collections::{BTreeMap, BTreeSet};

use super::basis::Basis;
use super::options::DeployOptions;
use super::{builds, pulls};
use crate::contents::{self, Wanted};
use crate::event::{Cause, Failure};
use crate::observed::Observed;
use crate::run::Run;
use crate::stack::{Model, Service, StackRef, is_movable};
use crate::steps::ids::ids;

/// Image ids by service, and what every reference of the stack is to point to.
pub(crate) struct Images {
    pub by_service: BTreeMap<String, Option<String>>,
    pub moves: BTreeMap<String, String>,
}

/// Builds and pulls; nothing that runs, and none of the stack's own tags but those that a pull moves, is touched.
pub(crate) async fn prepare(
    run: &mut Run<'_>,
    stack: &StackRef,
    model: &Model,
    services: &BTreeSet<String>,
    options: &DeployOptions,
    basis: &Basis,
    observed: &Observed,
) -> Result<Images, Failure> {
    let in_scope: Vec<&Service> =
        model.services.values().filter(|s| services.contains(&s.name)).collect();
    let kept = basis.images(run.ctx, &run.layout, &in_scope).await?;
    let builds = builds::build(run, stack, model, &in_scope, options).await?;
    let others: Vec<&Service> =
        in_scope.iter().filter(|service| !kept.contains_key(&service.name)).copied().collect();
    let tags: BTreeMap<&str, &str> = in_scope
        .iter()
        .filter_map(|service| Some((service.name.as_str(), builds.tag(&service.name)?)))
        .collect();
    let built: BTreeSet<&str> = tags.keys().copied().collect();
    pulls::pull(run, stack, model, &others, &built, options.pulling(basis), observed).await?;
    let of_kept =
        |service: &&Service| Some((service.image.clone(), kept.get(&service.name)?.clone()));
    let mut moves: BTreeMap<String, String> = in_scope.iter().filter_map(of_kept).collect();
    let made = ids(run.ctx, tags.values().map(|tag| (*tag).to_owned()).collect()).await?;
    for service in in_scope.iter().filter(|service| built.contains(service.name.as_str())) {
        let tag = tags[service.name.as_str()];
        let id = made.get(tag).cloned().flatten().ok_or_else(|| missing(service))?;
        moves.insert(service.image.clone(), id.clone());
        let more = service.build.iter().flat_map(|build| &build.tags);
        moves.extend(more.map(|tag| (tag.clone(), id.clone())));
    }
    let there =
        ids(run.ctx, in_scope.iter().map(|service| service.image.clone()).collect()).await?;
    let mut wanted = Vec::new();
    for service in in_scope {
        // Services that share a reference share the image, whichever of them builds it.
        let id = moves.get(&service.image).cloned();
        let id = id.or_else(|| there.get(&service.image).cloned().flatten());
        let id = match id {
            Some(id) => Some(id),
            None => pulls::pinned(run.ctx, service, observed).await?,
        };
        wanted.push(Wanted {
            service: &service.name,
            reference: &service.image,
            platform: service.platform(),
            image: id.ok_or_else(|| missing(service))?,
            content: None,
        });
    }
    keep_running(run, &mut wanted, &mut moves, observed).await?;
    let by_service =
        wanted.into_iter().map(|want| (want.service.to_owned(), Some(want.image))).collect();
    Ok(Images { by_service, moves })
}

/// Where the image has come out with the content of the one that runs, the one that runs is the one to run, and references
/// point to it.
async fn keep_running(
    run: &Run<'_>,
    wanted: &mut [Wanted<'_>],
    moves: &mut BTreeMap<String, String>,
    observed: &Observed,
) -> Result<(), Failure> {
    let recorded = observed.snapshot.as_ref().map(|snapshot| &snapshot.release.services);
    let same = contents::of_running(run.ctx, &run.layout, wanted, &observed.live, recorded).await?;
    for want in wanted {
        let Some(running) = same.get(want.reference).filter(|_| is_movable(want.reference)) else {
            continue;
        };
        for image in moves.values_mut().filter(|image| **image == want.image) {
            image.clone_from(running);
        }
        moves.insert(want.reference.to_owned(), running.clone());
        want.image.clone_from(running);
    }
    Ok(())
}

fn missing(service: &Service) -> Failure {
    Failure::of(&service.name, Cause::ImageMissing { image: service.image.clone() })
}
