//! Reading back what runs and comparing it with what should run, before a word of success is said.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use super::transaction::Transaction;
use super::verify_links::dangling;
use super::{leading, reach};
use crate::context::Context;
use crate::engine::{Container, Created, Health, State, Status};
use crate::event::{Cause, Event, Failure, Note, Phase, Unwell};
use crate::gate::{passes_now, tolerance, tolerated, unwell};
use crate::host_ports;
use crate::observed::is_live;
use crate::plan::{Action, Desired, Plan, Step, Undo};
use crate::run::Run;
use crate::stack::{Restart, Service, is_movable};

impl Transaction<'_> {
    pub(super) async fn verify(
        &self,
        run: &mut Run<'_>,
        plan: &Plan,
        created: &[Created],
        gateway: Option<&String>,
    ) -> Result<Vec<Container>, Failure> {
        let ctx = run.ctx;
        ctx.reporter.report(&Event::Phase { phase: Phase::Verify });
        let effect = apply(ctx, &self.desired, plan, created, gateway, self.manner.rollback);
        run.step(Step::Verify, Undo::Nothing, effect).await
    }
}

/// Compares; returns the live containers.
///
/// # Errors
/// [`Cause::Mismatch`] with every difference.
async fn apply(
    ctx: &Context,
    desired: &Desired<'_>,
    plan: &Plan,
    created: &[Created],
    gateway: Option<&String>,
    rollback: bool,
) -> Result<Vec<Container>, Failure> {
    let all = ctx.engine.containers(&desired.model.project).await?;
    let live: Vec<Container> = all.into_iter().filter(is_live).collect();
    let mut differences = Vec::new();
    let mut verified = BTreeMap::new();
    let mut untouched = Vec::new();
    let mut pointing = Vec::new();
    for service in desired.model.services.values() {
        let containers: Vec<&Container> =
            live.iter().filter(|container| container.service == service.name).collect();
        if plan.change(&service.name).is_none_or(|change| change.action == Action::Keep) {
            untouched.extend(containers.iter().copied());
        }
        let in_scope = desired.only.as_ref().is_none_or(|only| only.contains(&service.name));
        if !in_scope
            && plan.change(&service.name).is_none_or(|change| change.action == Action::Keep)
        {
            continue;
        }
        let is_kept = plan.change(&service.name).is_none_or(|change| change.action == Action::Keep);
        if !is_kept || !service.borrows.is_empty() {
            pointing.extend(containers.iter().map(|container| (service, *container)));
        }
        // What a service that was left alone does is none of this run's doing.
        let allowed = if is_kept {
            containers.len()
        } else {
            tolerated(tolerance(service, rollback), containers.len())
        };
        differences.extend(compare(ctx, desired, service, &containers, allowed).await);
        if let Some(Some(image)) = desired.images.get(&service.name) {
            verified.insert(service.name.clone(), image.clone());
        }
    }
    let extra = live.iter().filter(|container| {
        plan.change(&container.service).is_some_and(|change| change.action == Action::Remove)
    });
    differences
        .extend(extra.map(|container| format!("{} is not part of the release", container.name)));
    for new in created.iter().filter(|new| !new.rehearsal) {
        let found = live.iter().find(|container| container.id == new.id);
        differences.extend(found.and_then(|found| nameless(found, &new.aliases)));
        if let Some(found) = found.filter(|_| !new.files.is_empty()) {
            let altered = ctx.engine.altered(&new.id, &new.files).await?;
            let told = altered
                .iter()
                .map(|path| format!("{path} in {} is not as it was put there", found.name));
            differences.extend(told);
        }
    }
    differences.extend(dangling(ctx, &pointing).await?);
    differences.extend(leading::differences(ctx, desired.model, &plan.inside, &live).await?);
    for (reference, image) in references(desired) {
        let found = ctx.engine.image(reference).await?;
        if found.as_ref() != Some(image) {
            differences.push(format!(
                "{reference} is {}, not {image}",
                found.as_deref().unwrap_or("absent")
            ));
        }
    }
    if differences.is_empty() {
        if let Some(gateway) = gateway {
            reach::from(ctx, gateway).await?;
        }
        let new = live.iter().filter(|found| created.iter().any(|new| new.id == found.id));
        let new: Vec<&Container> = new.collect();
        differences.extend(host_ports::mend(ctx, &new).await?);
    }
    if !differences.is_empty() {
        return Err(Failure::new(Cause::Mismatch { differences }));
    }
    let unwell = all_unwell(ctx, &untouched).await;
    let services = ctx.memory.take_only_ran();
    if !services.is_empty() {
        ctx.reporter.report(&Event::Note { note: Note::OnlyRan { services } });
    }
    // What is not well is not said to be as it should be.
    verified.retain(|service, _| !unwell.iter().any(|found| &found.service == service));
    ctx.reporter.report(&Event::Verified { services: verified, unwell });
    Ok(live)
}

/// Those of these containers that are not well.
pub(crate) async fn all_unwell(ctx: &Context, containers: &[&Container]) -> Vec<Unwell> {
    let mut looks = Vec::new();
    for container in containers {
        looks.push(unwell(ctx, container));
    }
    join_all(looks).await.into_iter().flatten().collect()
}

/// The references of the services in scope, with the image that each should be.
fn references<'a>(desired: &'a Desired<'_>) -> BTreeMap<&'a str, &'a String> {
    let services = desired.model.services.values();
    services
        .filter(|service| desired.only.as_ref().is_none_or(|only| only.contains(&service.name)))
        // A reference by digest or by id never moves.
        .filter(|service| is_movable(&service.image))
        .filter_map(|service| {
            Some((service.image.as_str(), desired.images.get(&service.name)?.as_ref()?))
        })
        .collect()
}

async fn compare(
    ctx: &Context,
    desired: &Desired<'_>,
    service: &Service,
    containers: &[&Container],
    allowed: usize,
) -> Vec<String> {
    let mut differences = Vec::new();
    if containers.len() != service.replicas as usize {
        differences.push(format!(
            "{}: {} containers, not {}",
            service.name,
            containers.len(),
            service.replicas
        ));
    }
    let mut unwell = 0;
    for container in containers {
        let name = &container.name;
        if let Some(Some(image)) = desired.images.get(&service.name)
            && &container.image != image
        {
            differences.push(format!("{name} runs {}, not {image}", container.image));
        }
        let wanted = desired.fingerprints.get(&service.name);
        if container.fingerprint.is_some() && container.fingerprint.as_ref() != wanted {
            differences.push(format!("{name} was made from another definition"));
        }
        unwell += usize::from(!is_well(ctx, service, container).await);
    }
    if unwell > allowed {
        differences.push(format!("{}: {unwell} containers are not up", service.name));
    }
    differences
}

/// The DNS names that a container should have and has not.
fn nameless(container: &Container, names: &BTreeMap<String, Vec<String>>) -> Option<String> {
    let has = |network: &str, name: &String| {
        container.networks.get(network).is_some_and(|names| names.contains(name))
    };
    let lost: Vec<&str> = names
        .iter()
        .flat_map(|(network, names)| names.iter().filter(|name| !has(network, name)))
        .map(String::as_str)
        .collect();
    (!lost.is_empty()).then(|| format!("{} has lost its name {}", container.name, lost.join(", ")))
}

async fn is_well(ctx: &Context, service: &Service, container: &Container) -> bool {
    match container.state.status {
        // The engine finds out after its own interval that it passes again.
        Status::Running if container.state.health == Some(Health::Unhealthy) => {
            passes_now(ctx, container).await
        }
        Status::Running => true,
        // It has ended as it is meant to, and its policy starts it again.
        Status::Restarting => container.state.exit_code == 0 && service.restart == Restart::Always,
        Status::Exited => {
            container.state.exit_code == 0
                && service.restart != Restart::Always
                && service.may_complete()
        }
        _ => false,
    }
}

/// After an undo: every container that was live before is again, as it was. Returns the images of its services, and what is
/// not well: it was not before either.
///
/// # Errors
/// Every difference.
pub(crate) async fn restored(
    ctx: &Context,
    project: &str,
    run: &str,
    before: &[Container],
) -> Result<(BTreeMap<String, String>, Vec<Unwell>), Vec<String>> {
    let now = ctx.engine.containers(project).await.map_err(|error| vec![error.to_string()])?;
    let mut differences = Vec::new();
    let mut services = BTreeMap::new();
    for old in before {
        match now.iter().find(|container| container.id == old.id) {
            None => differences.push(format!("{} is gone", old.name)),
            Some(found) if found.name != old.name => {
                differences.push(format!("{} is now {}", old.name, found.name))
            }
            Some(found) if !is_again(&old.state, &found.state) => {
                differences.push(format!("{} does not run", old.name));
            }
            Some(found) => {
                differences.extend(nameless(found, &old.networks));
                services.insert(found.service.clone(), found.image.clone());
            }
        }
    }
    let extra = now.iter().filter(|container| !before.iter().any(|old| old.id == container.id));
    differences.extend(
        extra
            .filter(|container| container.run.as_deref() == Some(run))
            .map(|c| format!("{} was left", c.name)),
    );
    let again = now.iter().filter(|found| before.iter().any(|old| old.id == found.id));
    let again: Vec<&Container> = again.collect();
    if differences.is_empty() {
        let mended = host_ports::mend(ctx, &again).await;
        differences.extend(mended.map_err(|error| vec![error.to_string()])?);
    }
    if !differences.is_empty() {
        return Err(differences);
    }
    let mut found = all_unwell(ctx, &again).await;
    // What fell over when the run began has only just been started again.
    let known = ctx.memory.unwell().into_iter();
    let known: Vec<Unwell> = known
        .filter(|old| before.iter().any(|container| container.name == old.container))
        .filter(|old| !found.iter().any(|again| again.container == old.container))
        .collect();
    found.extend(known);
    services.retain(|service, _| !found.iter().any(|unwell| &unwell.service == service));
    Ok((services, found))
}

/// Whether a container that ran before runs again. One that fell over and was started again by its policy falls over again:
/// it may be seen at any moment of that.
fn is_again(before: &State, now: &State) -> bool {
    let fell = before.restarts > 0 || before.status == Status::Restarting;
    match now.status {
        Status::Running => true,
        Status::Restarting => fell || before.status != Status::Running,
        _ => before.status != Status::Running || fell && now.exit_code != 0,
    }
}
