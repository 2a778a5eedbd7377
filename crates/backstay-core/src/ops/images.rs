//! The images that a deploy is to run: built under tags of the run, pulled where they are missing.

use std::collections::{BTreeMap, BTreeSet};

use super::deploy::{DeployOptions, refused};
use super::old_backup;
use crate::event::{Cause, Failure, Undo};
use crate::executor::Run;
use crate::naming::build_tag;
use crate::plan::Step;
use crate::ports::{BuildRequest, Clock, Engine, PullRequest};
use crate::stack::{Model, Service, StackRef};
use crate::steps::images::ids;

/// Image ids by service, and what every reference of the stack is to point to.
pub(crate) struct Images {
    pub by_service: BTreeMap<String, Option<String>>,
    pub moves: BTreeMap<String, String>,
}

/// Builds and pulls; nothing that runs, and none of the stack's own tags but those that a pull moves, is touched.
pub(crate) async fn prepare<E: Engine, C: Clock>(
    run: &mut Run<'_, '_, E, C>,
    stack: &StackRef,
    model: &Model,
    services: &BTreeSet<String>,
    options: &DeployOptions,
) -> Result<Images, Failure> {
    let in_scope: Vec<&Service> =
        model.services.values().filter(|s| services.contains(&s.name)).collect();
    let kept = match &options.old {
        Some(old) => old_backup::images(run.ctx, &run.layout, old, &in_scope).await?,
        None => BTreeMap::new(),
    };
    let tags = build(run, stack, &in_scope, options).await?;
    let others: Vec<&Service> =
        in_scope.iter().filter(|service| !kept.contains_key(&service.name)).copied().collect();
    pull(run, stack, &others, &tags, options).await?;
    let built = ids(run.ctx, tags.values().cloned()).await.map_err(refused)?;
    let of_kept =
        |service: &&Service| Some((service.image.clone(), kept.get(&service.name)?.clone()));
    let mut moves: BTreeMap<String, String> = in_scope.iter().filter_map(of_kept).collect();
    for service in in_scope.iter().filter(|service| tags.contains_key(&service.name)) {
        let Some(Some(id)) = tags.get(&service.name).and_then(|tag| built.get(tag)) else {
            return Err(Failure::of(
                &service.name,
                Cause::ImageMissing { image: service.image.clone() },
            ));
        };
        moves.insert(service.image.clone(), id.clone());
        let more = service.build.iter().flat_map(|build| &build.tags);
        moves.extend(more.map(|tag| (tag.clone(), id.clone())));
    }
    let there = ids(run.ctx, in_scope.iter().map(|service| service.image.clone()))
        .await
        .map_err(refused)?;
    let mut by_service = BTreeMap::new();
    for service in in_scope {
        // Services that share a reference share the image, whichever of them builds it.
        let id = moves
            .get(&service.image)
            .cloned()
            .or_else(|| there.get(&service.image).cloned().flatten());
        if id.is_none() {
            return Err(Failure::of(
                &service.name,
                Cause::ImageMissing { image: service.image.clone() },
            ));
        }
        by_service.insert(service.name.clone(), id);
    }
    Ok(Images { by_service, moves })
}

async fn build<E: Engine, C: Clock>(
    run: &mut Run<'_, '_, E, C>,
    stack: &StackRef,
    services: &[&Service],
    options: &DeployOptions,
) -> Result<BTreeMap<String, String>, Failure> {
    let mut tags: BTreeMap<String, String> = BTreeMap::new();
    if options.build {
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        for service in services.iter().filter(|service| service.is_application()) {
            let next = numbers.len();
            let number = *numbers.entry(&service.image).or_insert(next);
            tags.insert(
                service.name.clone(),
                build_tag(&run.state.project, &run.state.run, number),
            );
        }
    }
    if tags.is_empty() {
        return Ok(tags);
    }
    let ctx = run.ctx;
    let step = Step::Build { services: tags.keys().cloned().collect() };
    let undo = Undo::BuildTags {
        tags: tags.values().cloned().collect::<BTreeSet<_>>().into_iter().collect(),
    };
    let request =
        BuildRequest { stack, tags: &tags, no_cache: options.no_cache, pull: options.pull };
    let effect = async { ctx.engine.build(&request, ctx.reporter).await.map_err(refused) };
    run.step(step, undo, effect).await?;
    Ok(tags)
}

async fn pull<E: Engine, C: Clock>(
    run: &mut Run<'_, '_, E, C>,
    stack: &StackRef,
    services: &[&Service],
    built: &BTreeMap<String, String>,
    options: &DeployOptions,
) -> Result<(), Failure> {
    let others: Vec<&&Service> =
        services.iter().filter(|service| !built.contains_key(&service.name)).collect();
    let made_here: BTreeSet<&str> =
        services.iter().filter(|s| built.contains_key(&s.name)).map(|s| s.image.as_str()).collect();
    let before =
        ids(run.ctx, others.iter().map(|service| service.image.clone())).await.map_err(refused)?;
    let wanted: Vec<String> = others
        .iter()
        .filter(|service| !service.is_application() && !made_here.contains(service.image.as_str()))
        .filter(|service| match service.pull_policy.as_deref() {
            Some("never") => false,
            Some("always") => true,
            _ => options.pull || before.get(&service.image).is_none_or(Option::is_none),
        })
        .map(|service| service.name.clone())
        .collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let images: BTreeSet<&str> =
        others.iter().filter(|s| wanted.contains(&s.name)).map(|s| s.image.as_str()).collect();
    let before =
        before.into_iter().filter(|(reference, _)| images.contains(reference.as_str())).collect();
    let ctx = run.ctx;
    let request = PullRequest { stack, services: &wanted };
    let effect = async { ctx.engine.pull(&request, ctx.reporter).await.map_err(refused) };
    run.step(Step::Pull { services: wanted.clone() }, Undo::Tags { before }, effect).await
}
