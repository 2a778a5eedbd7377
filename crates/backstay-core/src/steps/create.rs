//! Creating new containers beside the old ones, with the networks they need.

use super::transaction::Transaction;
use crate::engine::{CreateFrom, EngineResult, ImageById};
use crate::plan::{Step, Undo};
use crate::run::Run;
use futures_util::future::join_all;

use super::trouble::Trouble;
use crate::context::Context;
use crate::engine::{Container, CreateRequest, CreateService, Created, EngineErrorKind};
use crate::event::{Cause, Failure};
use crate::plan::{Action, Change, Plan};
use crate::stack::Model;

impl Transaction<'_> {
    pub(super) async fn create(
        &self,
        run: &mut Run<'_>,
        plan: &Plan,
    ) -> Result<Vec<Created>, Failure> {
        let ctx = run.ctx;
        let fingerprint =
            |name: &str| self.desired.fingerprints.get(name).cloned().unwrap_or_default();
        let mut services = services(plan, self.desired.model, &self.live, &fingerprint);
        self.find_images(run, &mut services).await?;
        let project = &self.desired.model.project;
        let networks = ctx.engine.networks(project).await?;
        let id = run.state.run.clone();
        let undo = Undo::Create { project: project.clone(), run: id.clone(), networks };
        let names = services.iter().map(|service| service.service.clone()).collect();
        let source = match &self.source {
            CreateFrom::Compose(stack) => CreateFrom::Compose(stack),
            CreateFrom::Recorded(containers) => CreateFrom::Recorded(containers),
        };
        let request = CreateRequest { source, project, run: &id, services: &services };
        let created =
            run.step(Step::Create { services: names }, undo, apply(ctx, &request)).await?;
        for service in &services {
            let count = created
                .iter()
                .filter(|new| new.service == service.service && !new.rehearsal)
                .count();
            let kept = if service.replaces.is_empty() { self.count(&service.service) } else { 0 };
            if count + kept != service.replicas as usize {
                let message = format!("{}: {count} containers were created", service.service);
                return Err(Failure::of(&service.service, Cause::Create { message }));
            }
        }
        Ok(created)
    }

    async fn find_images(
        &self,
        run: &Run<'_>,
        services: &mut [CreateService],
    ) -> Result<(), Failure> {
        for wanted in services {
            let name = &wanted.service;
            let Some(id) = self.desired.images.get(name).and_then(Option::as_ref) else { continue };
            let Some(service) = self.desired.model.services.get(name) else { continue };
            let found = run.ctx.engine.image(&service.image).await;
            if found.map_err(|error| Failure::from(error).at(name))?.as_ref() != Some(id) {
                let reference = service.image.clone();
                wanted.image = Some(ImageById { reference, id: id.clone() });
            }
        }
        Ok(())
    }

    fn count(&self, service: &str) -> usize {
        self.live.iter().filter(|container| container.service == service).count()
    }
}

/// What to create for a plan.
fn services(
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
                inside: plan.inside.carried.contains_key(&change.service),
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
async fn apply(ctx: &Context, request: &CreateRequest<'_>) -> Result<Vec<Created>, Failure> {
    ctx.engine.create(request).await.map_err(|error| match error.kind {
        EngineErrorKind::DiskFull => Failure::from(error),
        _ => Failure::new(Cause::Create { message: error.message }),
    })
}

/// Ends a container as one of its service ends, and removes it with the volumes that were made for it alone: one that is only
/// killed may leave a lock behind.
pub(crate) async fn end(ctx: &Context, id: &str) -> EngineResult<()> {
    let ended = ctx.engine.stop(id).await;
    ctx.engine.remove(id, true).await.and(ended)
}

/// Removes what the run created: containers by their label, networks that were not there before. Volumes stay.
pub(super) async fn undo(
    ctx: &Context,
    project: &str,
    run: &str,
    networks: &[String],
) -> Result<(), Trouble> {
    let containers = ctx.engine.containers(project).await?;
    let ours = containers.iter().filter(|container| container.run.as_deref() == Some(run));
    let removals = join_all(ours.map(|container| end(ctx, &container.id))).await;
    let mut problems: Vec<Trouble> =
        removals.into_iter().filter_map(Result::err).map(Trouble::from).collect();
    for network in ctx.engine.networks(project).await? {
        if !networks.contains(&network) {
            problems.extend(ctx.engine.remove_network(&network).await.err().map(Trouble::from));
        }
    }
    Trouble::all(problems)
}

/// What a person does instead.
pub(super) fn by_hand(run: &str) -> String {
    format!("docker rm -f $(docker ps -aq --filter label=backstay.run={run})")
}
