//! The part that deploy and rollback share: from images and a plan to a verified stack, one journaled step at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::Value;

use crate::borrowing;
use crate::engine::{
    Container, CreateRequest, CreateService, Created, EngineResult, Health, ImageById, Source,
    Status,
};
use crate::event::{Cause, Event, Failure, Phase};
use crate::executor::Run;
use crate::gate::{Progress, Subject, pass, remember, subject};
use crate::injected_files;
use crate::plan::{Action, Change, Desired, Manner, Method, Plan, Running, Step};
use crate::plan::{Swap, Undo};
use crate::release::{FileRecord, Release, write_release};
use crate::stack::Model;
use crate::steps::{create, follow, images, rehearse, replace, verify};

use super::facts;
use super::times::Times;

/// How long those that depend on a replaced service may take to pass their own checks again.
const DEPENDANTS: Duration = Duration::from_secs(30);

/// What a transaction works with.
pub(crate) struct Transaction<'a> {
    pub desired: Desired<'a>,
    /// What every reference of the stack is to point to.
    pub moves: BTreeMap<String, String>,
    pub source: Source<'a>,
    pub live: Vec<Container>,
    /// Fingerprints of live containers that do not carry one, by container.
    pub fingerprints: BTreeMap<String, String>,
    pub manner: Manner,
    pub monitor: Option<Duration>,
    pub wait_timeout: Option<Duration>,
}

impl Transaction<'_> {
    /// The plan.
    pub(crate) async fn plan(&self, ctx: &crate::context::Context) -> EngineResult<Plan> {
        let now = images::ids(ctx, self.moves.keys().cloned().collect()).await?;
        let stale_tags: BTreeSet<String> = self
            .moves
            .iter()
            .filter(|(reference, id)| now.get(*reference).and_then(Option::as_ref) != Some(*id))
            .map(|(reference, _)| reference.clone())
            .collect();
        let cut_off = borrowing::cut_off(ctx, self.desired.model, &self.live).await?;
        let running = Running {
            cut_off,
            containers: self.live.clone(),
            fingerprints: self.fingerprints.clone(),
            stale_tags,
        };
        // What is known beside the definitions decides only how something is replaced.
        let touched = Plan::touched(&self.desired, &running, self.manner);
        if touched.is_empty() {
            return Ok(Plan::build(&self.desired, &running, self.manner));
        }
        let desired = facts::known(ctx, &self.desired, &self.live, &touched).await?;
        let mut plan = Plan::build(&desired, &running, self.manner);
        self.times().note(&desired, &mut plan);
        Ok(plan)
    }

    const fn times(&self) -> Times<'_> {
        let (monitor, wait_timeout) = (self.monitor, self.wait_timeout);
        Times { model: self.desired.model, manner: self.manner, monitor, wait_timeout }
    }

    /// Takes the steps of the plan. Returns the live containers as they were verified.
    pub(crate) async fn execute(
        &self,
        run: &mut Run<'_>,
        plan: &Plan,
    ) -> Result<Vec<Container>, Failure> {
        let mut created = Vec::new();
        let mut verified = Vec::new();
        let starting = |change: &&Change| change.creates() || change.action == Action::Start;
        let starting = plan.changes.iter().filter(starting).map(|change| change.service.clone());
        remember(run.ctx, &self.live, starting.collect()).await;
        for step in &plan.steps {
            match step {
                Step::Tags => self.tags(run).await?,
                Step::Create { .. } => created = self.create(run, plan).await?,
                Step::Rehearse { waves } => self.rehearse(run, plan, waves, &created).await?,
                Step::Replace { services } | Step::Remove { services } => {
                    self.replace(run, plan, step, services, &created).await?;
                }
                Step::Follow { services } => self.follow(run, plan, services).await?,
                Step::Start { services } => self.start(run, services).await?,
                Step::Bake { services } => self.bake(run, plan, services, &created).await?,
                Step::Verify => {
                    let ctx = run.ctx;
                    ctx.reporter.report(&Event::Phase { phase: Phase::Verify });
                    let manner = self.manner.rollback;
                    let effect = verify::apply(ctx, &self.desired, plan, &created, manner);
                    verified = run.step(Step::Verify, Undo::Nothing, effect).await?;
                }
                // The steps of the preparation were taken before there was a plan.
                Step::Observe
                | Step::Backup
                | Step::Protect { .. }
                | Step::Environment { .. }
                | Step::Certificate { .. }
                | Step::Directories { .. }
                | Step::Files
                | Step::Build { .. }
                | Step::Pull { .. }
                | Step::Load { .. } => {}
            }
        }
        Ok(verified)
    }

    async fn tags(&self, run: &mut Run<'_>) -> Result<(), Failure> {
        let ctx = run.ctx;
        let before = images::ids(ctx, self.moves.keys().cloned().collect()).await?;
        run.step(Step::Tags, Undo::Tags { before }, images::apply_tags(ctx, &self.moves)).await
    }

    async fn create(&self, run: &mut Run<'_>, plan: &Plan) -> Result<Vec<Created>, Failure> {
        let ctx = run.ctx;
        let fingerprint =
            |name: &str| self.desired.fingerprints.get(name).cloned().unwrap_or_default();
        let mut services = create::services(plan, self.desired.model, &self.live, &fingerprint);
        self.find_images(run, &mut services).await?;
        let project = &self.desired.model.project;
        let networks = ctx.engine.networks(project).await?;
        let id = run.state.run.clone();
        let undo = Undo::Create { project: project.clone(), run: id.clone(), networks };
        let names = services.iter().map(|service| service.service.clone()).collect();
        let source = match &self.source {
            Source::Compose(stack) => Source::Compose(stack),
            Source::Recorded(containers) => Source::Recorded(containers),
        };
        let request = CreateRequest { source, project, run: &id, services: &services };
        let created =
            run.step(Step::Create { services: names }, undo, create::apply(ctx, &request)).await?;
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

    /// Says by its id which image containers are created from, where their reference does not lead to it on this engine: it has
    /// a digest, and the image came back from the vault.
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

    async fn rehearse(
        &self,
        run: &mut Run<'_>,
        plan: &Plan,
        waves: &[Vec<String>],
        created: &[Created],
    ) -> Result<(), Failure> {
        let ctx = run.ctx;
        let those = |wanted: &dyn Fn(&Change) -> bool| -> Vec<String> {
            plan.changes.iter().filter(|change| wanted(change)).map(|c| c.service.clone()).collect()
        };
        let (twins, hidden) = (those(&Change::has_twin), those(&create::is_hidden));
        let id = run.state.run.clone();
        let watch = self.times().in_rehearsal();
        let rehearsal = rehearse::Rehearsal {
            model: self.desired.model,
            run: &id,
            waves,
            created,
            twins: &twins,
            hidden: &hidden,
            watch: &watch,
            wait_timeout: self.wait_timeout,
            rollback: self.manner.rollback,
        };
        let step = Step::Rehearse { waves: waves.to_vec() };
        // What was started is what was created, and goes with it.
        run.step(step, Undo::Nothing, rehearse::apply(ctx, &rehearsal)).await
    }

    async fn replace(
        &self,
        run: &mut Run<'_>,
        plan: &Plan,
        step: &Step,
        services: &[String],
        created: &[Created],
    ) -> Result<(), Failure> {
        let ctx = run.ctx;
        let mut swaps: Vec<Swap> =
            services.iter().flat_map(|name| self.swaps(plan, name, created)).collect();
        let up: Vec<Container> = self
            .live
            .iter()
            .filter(|container| container.state.status == Status::Running)
            .cloned()
            .collect();
        let homes = borrowing::homes(ctx, self.desired.model, &up).await;
        borrowing::note(&mut swaps, &homes?);
        let id = run.state.run.clone();
        let replacement = replace::Replacement {
            model: self.desired.model,
            run: &id,
            swaps: &swaps,
            wait_timeout: self.wait_timeout,
            rollback: self.manner.rollback,
            trades_ports: plan.trades_ports(&self.desired, &self.live, services),
            twins: created,
            unhurried: &self.unhurried(),
            followers: &plan.followers,
            live: &self.live,
        };
        let undo = Undo::Replace { swaps: swaps.clone() };
        run.step(step.clone(), undo, replace::apply(ctx, &replacement)).await
    }

    fn swaps(&self, plan: &Plan, service: &str, created: &[Created]) -> Vec<Swap> {
        let Some(change) = plan.change(service) else { return Vec::new() };
        let how = replace::Handover {
            overlap: change.overlaps(),
            late: change.method == Method::RehearsedBeside,
            address: change.overlaps() && !change.keeps_address_for.is_empty(),
        };
        if let Action::Scale { to, .. } = change.action {
            // Those that stay are not part of the swap.
            let mut surplus: Vec<Container> = self
                .live
                .iter()
                .filter(|container| container.service == service)
                .cloned()
                .collect();
            surplus.sort_by_key(|container| container.number);
            let surplus = surplus.split_off(surplus.len().min(to as usize));
            return replace::pair(service, &surplus, created, how);
        }
        replace::pair(service, &self.live, created, how)
    }

    /// On a first deployment services are started in their order, and only those are waited for that others wait for.
    fn unhurried(&self) -> BTreeSet<String> {
        if !self.live.is_empty() {
            return BTreeSet::new();
        }
        let model = self.desired.model;
        let all: Vec<&String> = model.services.keys().collect();
        let names = all.iter().filter(|name| !rehearse::is_awaited(model, name, &all));
        names.map(|name| (*name).clone()).collect()
    }

    async fn follow(
        &self,
        run: &mut Run<'_>,
        plan: &Plan,
        services: &[String],
    ) -> Result<(), Failure> {
        let followers: Vec<_> =
            plan.followers.iter().filter(|f| services.contains(&f.service)).collect();
        let (followers, of) = follow::records(&followers, &self.live);
        let step = Step::Follow { services: services.to_vec() };
        run.step(step, Undo::Follow { followers, of }, async { Ok(()) }).await
    }

    async fn start(&self, run: &mut Run<'_>, services: &[String]) -> Result<(), Failure> {
        let ctx = run.ctx;
        // In the order of dependencies, as the services are named.
        let stopped: Vec<Container> = services
            .iter()
            .flat_map(|name| self.live.iter().filter(move |container| &container.service == name))
            .filter(|container| container.state.status != Status::Running)
            .cloned()
            .collect();
        let undo = Undo::Start {
            containers: stopped.iter().map(|container| container.id.clone()).collect(),
        };
        let effect = replace::start(ctx, self.desired.model, &stopped, self.wait_timeout);
        run.step(Step::Start { services: services.to_vec() }, undo, effect).await
    }

    async fn bake(
        &self,
        run: &mut Run<'_>,
        plan: &Plan,
        services: &[String],
        created: &[Created],
    ) -> Result<(), Failure> {
        let ctx = run.ctx;
        let model = self.desired.model;
        let started = self.live.iter().filter(|container| {
            plan.change(&container.service).is_some_and(|change| change.action == Action::Start)
        });
        let ids: Vec<(&str, &str)> = created
            .iter()
            .filter(|new| !new.rehearsal)
            .map(|new| (new.service.as_str(), new.id.as_str()))
            .chain(started.map(|container| (container.service.as_str(), container.id.as_str())))
            .collect();
        let looks = join_all(ids.iter().map(|(_, id)| ctx.engine.container(id))).await;
        let mut subjects = Vec::new();
        for ((name, id), look) in ids.iter().zip(looks) {
            let found = look.map_err(|error| Failure::from(error).at(name))?;
            let Some(service) = model.services.get(*name) else { continue };
            let mut at_gate = subject(model, service, id, self.wait_timeout, self.manner.rollback);
            // A container that had been started before may have restarts of its own.
            if !created.iter().any(|new| new.id == *id) {
                at_gate.restarts = found.map_or(0, |container| container.state.restarts);
            }
            subjects.push(at_gate);
        }
        let dependants = self.dependants(plan);
        let unhurried = self.unhurried();
        let untold = subjects.iter().filter(|s| unhurried.contains(&s.service)).cloned();
        let (untold, watch): (Vec<_>, _) = (untold.collect(), self.times().after_switch());
        let effect = async {
            pass(ctx, &untold, &BTreeMap::new(), Progress::Told).await?;
            pass(ctx, &dependants, &BTreeMap::new(), Progress::Quiet).await?;
            pass(ctx, &subjects, &watch, Progress::Quiet).await?;
            // Once more: what they had open may have lasted for a while.
            pass(ctx, &dependants, &BTreeMap::new(), Progress::Quiet).await
        };
        run.step(Step::Bake { services: services.to_vec() }, Undo::Nothing, effect).await
    }

    /// Containers that stay, were well when the run began, and have a check of their own that may go through a service that
    /// was replaced: they are asked again.
    fn dependants(&self, plan: &Plan) -> Vec<Subject> {
        let model = self.desired.model;
        let replaced = |name: &&String| {
            plan.change(name).is_some_and(|change| change.action == Action::Replace)
        };
        let stays = self.live.iter().filter(|container| {
            container.state.status == Status::Running
                && container.state.health == Some(Health::Healthy)
                && plan.change(&container.service).is_some_and(|c| c.action == Action::Keep)
        });
        let subjects = stays.filter_map(|container| {
            let service = model.services.get(&container.service)?;
            service.depends_on.keys().find(replaced)?;
            let mut asked =
                subject(model, service, &container.id, self.wait_timeout, self.manner.rollback);
            asked.afresh = true;
            asked.deadline = asked.deadline.min(DEPENDANTS);
            // It may have been started anew by this run.
            asked.restarts = u32::MAX;
            Some(asked)
        });
        subjects.collect()
    }
}

/// Writes the new release where the commit will find it.
pub(crate) async fn stage(
    run: &Run<'_>,
    release: Release,
    files: &[(FileRecord, Option<Vec<u8>>)],
    model: &str,
) -> Result<(), Failure> {
    let ids: Vec<String> =
        release.services.values().flat_map(|service| service.containers.clone()).collect();
    let parsed = Model::parse(model).ok();
    let foreign: BTreeSet<String> = release.differs.iter().cloned().collect();
    let containers = injected_files::describe(run.ctx, parsed.as_ref(), &ids, &foreign);
    let containers: Vec<Value> = containers.await?;
    let path = run.layout.next(&run.state.run);
    let store = &*run.ctx.store;
    write_release(&path, release, files, &containers, model, None, store)?;
    Ok(())
}
