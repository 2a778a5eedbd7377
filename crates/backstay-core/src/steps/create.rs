//! Creating new containers beside the old ones, with the networks they need.

use futures_util::future::join_all;

use crate::context::Context;
use crate::engine::{Container, CreateRequest, CreateService, Created, EngineErrorKind};
use crate::event::{Cause, Failure};
use crate::plan::{Action, Change, Plan};
use crate::stack::Model;

/// What to create for a plan.
pub(crate) fn services(
    plan: &Plan,
    model: &Model,
    live: &[Container],
    fingerprint: &dyn Fn(&str) -> String,
) -> Vec<CreateService> {
    let wanted = plan.changes.iter().filter(|change| change.creates());
    wanted
        .filter_map(|change| {
            let service = model.services.get(&change.service)?;
            let replaces = live.iter().filter(|container| container.service == change.service);
            Some(CreateService {
                service: change.service.clone(),
                replicas: service.replicas,
                fingerprint: fingerprint(&change.service),
                replaces: match change.action {
                    Action::Replace => replaces.map(|container| container.id.clone()).collect(),
                    _ => Vec::new(),
                },
                hidden: is_hidden(change),
                rehearsal: change.has_twin(),
                borrows: service.borrows.clone(),
                hooks: service.hooks.clone(),
                injects: !model.injected(service).is_empty(),
                image: None,
            })
        })
        .collect()
}

/// Whether the new containers run beside live ones for a while, so that nobody may find them by name yet.
pub(crate) fn is_hidden(change: &Change) -> bool {
    change.overlaps() && change.action != Action::Add
}

/// Creates the containers.
pub(crate) async fn apply(
    ctx: &Context,
    request: &CreateRequest<'_>,
) -> Result<Vec<Created>, Failure> {
    ctx.engine.create(request).await.map_err(|error| match error.kind {
        EngineErrorKind::DiskFull => Failure::from(error),
        _ => Failure::new(Cause::Create { message: error.message }),
    })
}

/// Removes what the run created: containers by their label, networks that were not there before. Volumes stay.
pub(crate) async fn undo(
    ctx: &Context,
    project: &str,
    run: &str,
    networks: &[String],
) -> Result<(), String> {
    let text = |error: crate::engine::EngineError| error.to_string();
    let containers = ctx.engine.containers(project).await.map_err(text)?;
    let ours = containers.iter().filter(|container| container.run.as_deref() == Some(run));
    // Each ends as a container of its service does: one that is only killed may leave a lock behind.
    let removals = join_all(ours.map(async |container| {
        let ended = ctx.engine.stop(&container.id).await;
        ctx.engine.remove(&container.id, true).await.and(ended)
    }));
    let removals = removals.await;
    let mut problems: Vec<String> =
        removals.into_iter().filter_map(Result::err).map(text).collect();
    for network in ctx.engine.networks(project).await.map_err(text)? {
        if !networks.contains(&network) {
            problems.extend(ctx.engine.remove_network(&network).await.err().map(text));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("; ")) }
}
