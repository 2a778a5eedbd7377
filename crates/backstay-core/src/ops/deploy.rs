//! `deploy`: the whole stack, or some of its services, from its files.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::finish::{finish, retain};
use super::transaction::{Transaction, commit, stage};
use super::{images, preflight, recover, report::RunReport};
use crate::context::Context;
use crate::error::Result;
use crate::event::{Event, Failure, Note, Outcome, Phase, RunKind, Undo};
use crate::executor::{Run, failure, timestamp};
use crate::gate::engine_failure;
use crate::layout::Layout;
use crate::plan::{Desired, Manner, Plan, Step};
use crate::ports::{Clock, Container, Engine, Source};
use crate::release::{
    Catalog, FileRecord, Origin, Release, Retention, ServiceRecord, collect_files,
};
use crate::running::{Observed, observe, variable, with_environment};
use crate::stack::{Model, StackRef};
use crate::steps::backup;

/// How to deploy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeployOptions {
    /// Only these services; `None` means the whole stack.
    pub services: Option<BTreeSet<String>>,
    /// Build application services.
    pub build: bool,
    /// Build without the cache.
    pub no_cache: bool,
    /// Pull newer images, and newer base images for builds.
    pub pull: bool,
    /// How long each service may take to be ready; `None` leaves it to its healthcheck.
    pub wait_timeout: Option<Duration>,
    /// Prove new containers before the first old one is touched.
    pub rehearsal: bool,
    /// How long new containers are watched; `None` leaves it to `update_config.monitor`.
    pub monitor: Option<Duration>,
    /// Save what runs first.
    pub backup: bool,
    /// How long backups are kept.
    pub retention: Retention,
}

impl Default for DeployOptions {
    fn default() -> Self {
        Self {
            services: None,
            build: true,
            no_cache: false,
            pull: false,
            wait_timeout: None,
            rehearsal: true,
            monitor: None,
            backup: true,
            retention: Retention::default(),
        }
    }
}

/// The parts of a run, as they are shown.
const PHASES: usize = 8;

/// The plan of a deploy, without any effect: no lock, no file, no build. The image of a service that is built is not known
/// before it is built.
///
/// # Errors
/// What a deploy would refuse to begin with.
pub async fn plan<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    stack: &StackRef,
    options: &DeployOptions,
) -> Result<Plan> {
    ctx.engine.info().await?;
    let (model, rendered) = preflight::model(ctx, stack).await?;
    let layout = Layout::new(&stack.directory);
    preflight::check(ctx, &layout, &model).await?;
    let catalog = Catalog::read(&layout, &*ctx.store)?;
    let observed = observe(ctx, stack, &model, &rendered, &catalog).await?;
    let mut by_service = BTreeMap::new();
    for service in model.services.values() {
        let built = options.build && service.is_application();
        by_service.insert(
            service.name.clone(),
            if built { None } else { ctx.engine.image(&service.image).await? },
        );
    }
    let deploy = Deploy { stack, options, model: &model, rendered: &rendered };
    let transaction = deploy.transaction(ctx, &observed, by_service, BTreeMap::new());
    let mut plan = transaction.plan(ctx).await?;
    let application =
        |name: &String| model.services.get(name).is_some_and(|service| service.is_application());
    let built: Vec<String> =
        deploy.scope().into_iter().filter(|name| options.build && application(name)).collect();
    let pulled = model.services.values().filter(|service| {
        let absent = transaction.desired.images.get(&service.name).is_none_or(Option::is_none);
        !service.is_application()
            && deploy.scope().contains(&service.name)
            && (absent || options.pull)
    });
    let pulled: Vec<String> = pulled.map(|service| service.name.clone()).collect();
    if !pulled.is_empty() {
        plan.steps.insert(0, Step::Pull { services: pulled });
    }
    if !built.is_empty() {
        plan.steps.insert(0, Step::Build { services: built });
    }
    if options.backup && observed.snapshot.is_some() {
        plan.steps.insert(0, Step::Backup);
    }
    Ok(plan)
}

/// Deploys.
///
/// # Errors
/// Whatever keeps the run from beginning; nothing has been changed then. What fails later is in the report.
pub async fn run<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    stack: &StackRef,
    options: &DeployOptions,
) -> Result<RunReport> {
    phase(ctx, 1, Phase::Check);
    ctx.engine.info().await?;
    let (mut model, mut rendered) = preflight::model(ctx, stack).await?;
    let layout = Layout::new(&stack.directory);
    preflight::check(ctx, &layout, &model).await?;
    let _guard = recover::lock(ctx, &layout)?;
    let recovered = recover::interrupted(ctx, &layout).await?;
    if let Some(stuck) = recovered.iter().find(|report| report.outcome == Outcome::Stuck) {
        return Ok(stuck.clone());
    }
    if !recovered.is_empty() {
        // The recovery may have put files back.
        (model, rendered) = preflight::model(ctx, stack).await?;
        preflight::check(ctx, &layout, &model).await?;
    }
    let catalog = Catalog::read(&layout, &*ctx.store)?;
    let observed = observe(ctx, stack, &model, &rendered, &catalog).await?;
    let files = collect_files(stack, &model, &*ctx.store)?;
    let first = Event::RunStarted {
        run: catalog.free_name(ctx.clock),
        kind: if options.services.is_some() { RunKind::Update } else { RunKind::Deploy },
        project: model.project.clone(),
        pid: std::process::id(),
        target: None,
        previous: observed.snapshot.as_ref().map(|snapshot| snapshot.release.id.clone()),
    };
    let mut run = Run::begin(ctx, layout.clone(), first)?;
    let deploy = Deploy { stack, options, model: &model, rendered: &rendered };
    if let Err(failure) = deploy.steps(&mut run, &catalog, &observed, &files).await {
        let outcome = run.unwind(failure).await;
        return Ok(RunReport::new(&run.state, outcome));
    }
    end(&mut run, options.retention).await;
    Ok(RunReport::new(&run.state, Outcome::Deployed))
}

/// What comes after the commit. The new release runs and is verified, so that trouble here is told and does not change how
/// the run ended: the next run, or `recover`, goes on with it.
pub(crate) async fn end<E: Engine, C: Clock>(run: &mut Run<'_, '_, E, C>, retention: Retention) {
    let result = match finish(run).await {
        Ok(()) => retain(run.ctx, &run.layout, retention).map(|_| ()),
        Err(error) => Err(error),
    };
    if let Err(error) = result {
        run.ctx
            .reporter
            .report(&Event::Note { note: Note::CleanupFailed { message: error.to_string() } });
    }
}

fn phase<E: Engine, C: Clock>(ctx: &Context<'_, E, C>, number: usize, phase: Phase) {
    ctx.reporter.report(&Event::Phase { number, of: PHASES, phase });
}

fn note<E: Engine, C: Clock>(ctx: &Context<'_, E, C>, note: Note) {
    ctx.reporter.report(&Event::Note { note });
}

struct Deploy<'a> {
    stack: &'a StackRef,
    options: &'a DeployOptions,
    model: &'a Model,
    rendered: &'a str,
}

impl Deploy<'_> {
    /// The services that may change.
    fn scope(&self) -> BTreeSet<String> {
        let all = self.model.services.keys().cloned();
        all.filter(|name| self.options.services.as_ref().is_none_or(|only| only.contains(name)))
            .collect()
    }

    async fn steps<E: Engine, C: Clock>(
        &self,
        run: &mut Run<'_, '_, E, C>,
        catalog: &Catalog,
        observed: &Observed,
        files: &[(FileRecord, Option<Vec<u8>>)],
    ) -> Result<(), Failure> {
        let ctx = run.ctx;
        phase(ctx, 2, Phase::Backup);
        self.backup(run, catalog, observed).await?;
        phase(ctx, 3, Phase::Environment);
        phase(ctx, 4, Phase::Certificate);
        note(ctx, Note::NoCertificate);
        phase(ctx, 5, Phase::DataDirectories);
        phase(ctx, 6, Phase::Plan);
        phase(ctx, 7, Phase::Images);
        let prepared =
            images::prepare(run, self.stack, self.model, &self.scope(), self.options).await?;
        let mut by_service = prepared.by_service;
        for container in &observed.live {
            by_service
                .entry(container.service.clone())
                .or_insert_with(|| Some(container.image.clone()));
        }
        let transaction = self.transaction(ctx, observed, by_service, prepared.moves);
        let plan = transaction.plan(ctx).await.map_err(refused)?;
        run.record(Event::Planned { plan: plan.clone() }).map_err(|error| failure(&error))?;
        phase(ctx, 8, Phase::Services);
        let live = transaction.execute(run, &plan).await?;
        let mut release = self.release(ctx, catalog, observed, &live, &transaction);
        if let Some(before) = observed.snapshot.as_ref() {
            let now = Release { files: before.release.files.clone(), ..release.clone() };
            let same_files = before
                .files
                .iter()
                .map(|(f, _)| (&f.path, &f.digest))
                .eq(files.iter().map(|(f, _)| (&f.path, &f.digest)));
            if now.is_same_as(&before.release) && same_files && before.release.differs.is_empty() {
                note(ctx, Note::UpToDate);
                release.id.clone_from(&before.release.id);
                release.created.clone_from(&before.release.created);
                release.sequence = before.release.sequence;
                release.parent = before.release.parent;
                release.origin = before.release.origin;
            }
        }
        let id = release.id.clone();
        stage(run, release, files, self.rendered).await?;
        commit(run, &id)
    }

    async fn backup<E: Engine, C: Clock>(
        &self,
        run: &mut Run<'_, '_, E, C>,
        catalog: &Catalog,
        observed: &Observed,
    ) -> Result<(), Failure> {
        let ctx = run.ctx;
        if observed.adopted
            && let Some(snapshot) = &observed.snapshot
        {
            note(ctx, Note::Adopted);
            for service in &snapshot.release.differs {
                note(ctx, Note::AdoptedDiffers { service: service.clone() });
            }
        }
        let Some(snapshot) = &observed.snapshot else {
            note(ctx, Note::FirstDeployment);
            return Ok(());
        };
        if !self.options.backup {
            note(ctx, Note::NoBackup);
            return Ok(());
        }
        let folder = match run.state.kind {
            RunKind::Update => format!("update_{}", run.state.run),
            _ => run.state.run.clone(),
        };
        let undo = Undo::Backup { folder: folder.clone() };
        let layout = run.layout.clone();
        let effect = async {
            backup::keep_superseded(ctx, &layout, catalog, observed)?;
            backup::apply(ctx, &layout, &folder, snapshot).await?;
            backup::name_services(ctx, &layout, &folder, self.options.services.as_ref())
        };
        run.step(Step::Backup, undo, effect).await
    }

    fn transaction<'b, E: Engine, C: Clock>(
        &'b self,
        ctx: &Context<'_, E, C>,
        observed: &Observed,
        images: BTreeMap<String, Option<String>>,
        moves: BTreeMap<String, String>,
    ) -> Transaction<'b> {
        let recorded = observed.snapshot.as_ref().map(|snapshot| &snapshot.release.services);
        let fingerprints: BTreeMap<String, String> = observed
            .live
            .iter()
            .filter_map(|container| {
                let service = recorded?.get(&container.service)?;
                Some((container.id.clone(), service.fingerprint.clone()))
            })
            .collect();
        let value = |name: &str| variable(self.stack, name, &*ctx.store);
        let wanted = self.model.services.values().map(|service| {
            (service.name.clone(), self.model.fingerprint(service, &*ctx.store, &value))
        });
        Transaction {
            desired: Desired {
                model: self.model,
                images,
                fingerprints: wanted.collect(),
                only: self.options.services.clone(),
            },
            moves,
            source: Source::Compose(self.stack),
            live: observed.live.clone(),
            fingerprints,
            manner: Manner { rehearsal: self.options.rehearsal, rollback: false },
            monitor: self.options.monitor,
            wait_timeout: self.options.wait_timeout,
            vault: self.options.backup,
        }
    }

    fn release<E: Engine, C: Clock>(
        &self,
        ctx: &Context<'_, E, C>,
        catalog: &Catalog,
        observed: &Observed,
        live: &[Container],
        transaction: &Transaction<'_>,
    ) -> Release {
        let services = services(self.model, live, transaction);
        // What was adopted by this very run has its place in the history, too.
        let adopted = observed.snapshot.as_ref().map_or(0, |before| before.release.sequence + 1);
        let sequence = catalog.next_sequence().max(adopted);
        // An update leaves services alone whose definition may have changed in the files meanwhile.
        let differs = services
            .iter()
            .filter(|(name, service)| {
                transaction.desired.fingerprints.get(*name) != Some(&service.fingerprint)
            })
            .map(|(name, _)| name.clone())
            .collect();
        Release {
            version: crate::release::VERSION,
            id: Catalog::id_of(sequence),
            sequence,
            parent: observed.snapshot.as_ref().map(|before| before.release.sequence),
            created: timestamp(ctx),
            origin: if self.options.services.is_some() { Origin::Update } else { Origin::Deploy },
            project: self.model.project.clone(),
            stack: with_environment(self.stack, &*ctx.store),
            services,
            files: Vec::new(),
            networks: self.model.own_networks().map(str::to_owned).collect(),
            differs,
        }
    }
}

/// What the services of a release run, from its verified containers.
pub(crate) fn services(
    model: &Model,
    live: &[Container],
    transaction: &Transaction<'_>,
) -> BTreeMap<String, ServiceRecord> {
    let mut services: BTreeMap<String, ServiceRecord> = BTreeMap::new();
    let mut sorted: Vec<&Container> =
        live.iter().filter(|c| model.services.contains_key(&c.service)).collect();
    sorted.sort_by_key(|container| container.number);
    for container in sorted {
        let own =
            container.fingerprint.as_ref().or_else(|| transaction.fingerprints.get(&container.id));
        let record = services.entry(container.service.clone()).or_insert_with(|| ServiceRecord {
            reference: model.services[&container.service].image.clone(),
            image: container.image.clone(),
            fingerprint: own.cloned().unwrap_or_default(),
            compose_hash: container.compose_hash.clone(),
            containers: Vec::new(),
        });
        record.containers.push(container.id.clone());
    }
    services
}

/// The failure of an operation that has no service.
#[allow(clippy::needless_pass_by_value)] // for `map_err`
pub(crate) fn refused(error: crate::ports::EngineError) -> Failure {
    engine_failure(None, &error)
}
