//! `deploy`: the whole stack, or some of its services, from its files.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::certificate::{self, CertificateChoice};
use super::directories;
use super::environment::{self, EnvironmentChoice, Placing};
use super::finish::{finish, retain};
use super::first_start;
use super::old_backup::OldBackup;
use super::prepare::{self, Found, Prepared, Stop};
use super::{claim, images, preflight, pulls, recover, renamed, report::RunReport, room};
use crate::contents;
use crate::context::Context;
use crate::engine::{Container, Source};
use crate::error::Result;
use crate::event::{Event, Failure, Note, Outcome, Phase, RunKind};
use crate::host_ports;
use crate::layout::Layout;
use crate::plan::Undo;
use crate::plan::{Desired, Manner, Plan, Step};
use crate::release::{
    Catalog, FileRecord, Origin, Release, Retention, ServiceRecord, check_premises, collect_files,
};
use crate::run::Run;
use crate::run_record;
use crate::running::{Observed, Orphans, observe, variable, with_environment};
use crate::stack::{FolderState, Model, Pulled, Service, StackRef};
use crate::steps::{self, backup, files, running, storing, verify};
use crate::steps::{Transaction, stage};
use futures_util::FutureExt;

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
    pub retention: Option<Retention>,
    /// What is to become of `.env`.
    #[serde(default)]
    pub environment: EnvironmentChoice,
    /// What is to become of a certificate that is there.
    #[serde(default)]
    pub certificate: CertificateChoice,
    /// Remove the project's containers that are no stack's any more: `--remove-orphans`.
    #[serde(default)]
    pub remove_orphans: bool,
    /// Services whose old containers are stopped ahead of their replacement, where they can't run twice.
    #[serde(default)]
    pub ahead: BTreeSet<String>,
    /// Those of them before whose replacement there is a pause: for tests.
    #[serde(default)]
    pub pauses: BTreeSet<String>,
    /// A backup of the old scripts, whose files and images are restored.
    #[serde(default)]
    pub old: Option<OldBackup>,
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
            retention: None,
            environment: EnvironmentChoice::default(),
            certificate: CertificateChoice::default(),
            remove_orphans: false,
            ahead: BTreeSet::new(),
            pauses: BTreeSet::new(),
            old: None,
        }
    }
}

impl DeployOptions {
    pub(super) fn orphans(&self) -> Orphans {
        if self.remove_orphans { Orphans::Remove } else { Orphans::Leave }
    }
}

/// The plan of a deploy, without any effect: no lock, no file, no build. The image of a service that is built is not known
/// before it is built.
///
/// # Errors
/// What a deploy would refuse to begin with.
pub async fn plan(ctx: &Context, stack: &StackRef, options: &DeployOptions) -> Result<Plan> {
    ctx.engine.info().await?;
    let layout = renamed::place(ctx, stack).await?;
    let found = prepare::look(ctx, stack, options, &layout).await?;
    let placing = found.placing.as_ref();
    let environment = placing.map(|placing| placing.step.clone());
    let Some((model, rendered)) = &found.model else {
        // What follows is known only when the template is in place.
        return Ok(Plan { steps: environment.into_iter().collect(), ..Plan::default() });
    };
    let catalog = Catalog::read(&layout, &*ctx.store)?;
    let observed = observe(ctx, stack, model, rendered, &catalog, options.orphans()).await?;
    let deploy =
        Deploy { stack, options, model, rendered, certificate: found.certificate.as_ref() };
    let mut plan = deploy.outlook(ctx, &observed).await?;
    plan.steps.splice(0..0, environment);
    Ok(plan)
}

/// Deploys.
///
/// # Errors
/// Whatever keeps the run from beginning; nothing has been changed then. What fails later is in the report.
pub async fn run(ctx: &Context, stack: &StackRef, options: &DeployOptions) -> Result<RunReport> {
    phase(ctx, Phase::Check);
    let info = ctx.engine.info().await?;
    if options.old.is_none() {
        note(ctx, Note::EngineReady { engine: info.engine, compose: info.compose });
    }
    let layout = renamed::place(ctx, stack).await?;
    // Before the lock makes a folder: what can't begin changes nothing. But what an interrupted run left comes first, whatever
    // is wrong with the next one.
    check_premises(&layout, &*ctx.store)?;
    let mut early = None;
    if !run_record::may_be_open(&layout, &*ctx.store)? {
        early = Some(prepare::look(ctx, stack, options, &layout).await?);
    }
    let (_guard, layout) = recover::lock(ctx, &layout)?;
    claim::holding(ctx, &layout, held(ctx, stack, options, &layout, early).boxed()).await
}

/// The run, under its locks. `early` is what was found before, where it may still be so.
async fn held(
    ctx: &Context,
    stack: &StackRef,
    options: &DeployOptions,
    layout: &Layout,
    early: Option<Found>,
) -> Result<RunReport> {
    let recovered = recover::all(ctx, layout).await?;
    if let Some(stuck) = recovered.iter().find(|report| report.outcome == Outcome::Stuck) {
        return Ok(stuck.clone());
    }
    let mut found = match early {
        Some(found) if recovered.is_empty() => found,
        // The recovery may have put files back.
        _ => prepare::look(ctx, stack, options, layout).await?,
    };
    let catalog = Catalog::read(layout, &*ctx.store)?;
    let observed = match &found.model {
        Some((model, rendered)) => {
            Some(observe(ctx, stack, model, rendered, &catalog, options.orphans()).await?)
        }
        None => None,
    };
    if let (Some(observed), true) = (&observed, options.backup) {
        preflight::vault(ctx, layout, observed)?;
        if let Some((model, _)) = &found.model {
            room::check(ctx, layout, observed, &coming(model, options)).await?;
        }
    }
    let before = observed.as_ref().and_then(|observed| observed.snapshot.as_ref());
    let first = Event::RunStarted {
        run: catalog.free_name(&*ctx.clock),
        kind: match (&options.old, &options.services) {
            (Some(_), _) => RunKind::Rollback,
            (None, Some(_)) => RunKind::Update,
            (None, None) => RunKind::Deploy,
        },
        // Where it is not known yet, `Resolved` follows.
        project: found.model.as_ref().map(|(model, _)| model.project.clone()).unwrap_or_default(),
        directory: Some(stack.directory.clone()),
        pid: std::process::id(),
        target: options.old.as_ref().map(|old| old.folder.clone()),
        previous: before.map(|snapshot| snapshot.release.id.clone()),
    };
    let mut run = Run::begin(ctx, layout.clone(), first)?;
    let settled = prepare::settle(&mut run, stack, options, &catalog, &mut found, observed).await;
    let prepared = match settled {
        Ok(prepared) => prepared,
        Err((Stop::Failed(failure), observed)) => {
            return Ok(give_up(&mut run, failure, observed.as_ref()).await);
        }
        Err((Stop::Refused(error), observed)) => {
            let report = give_up(&mut run, Failure::from(&error), observed.as_ref()).await;
            // All is as it was: it is as if the run had not begun.
            return if report.outcome == Outcome::RolledBack { Err(error) } else { Ok(report) };
        }
    };
    let Prepared { model, rendered, observed, certificate } = &prepared;
    let certificate = certificate.as_ref();
    let deploy = Deploy { stack, options, model, rendered, certificate };
    let taken = async {
        take_note(&mut run, observed).await?;
        deploy.steps(&mut run, &catalog, observed, &found).await
    };
    if let Err(failure) = taken.await {
        return Ok(give_up(&mut run, failure, Some(observed)).await);
    }
    end(&mut run, options.retention).await;
    Ok(RunReport::new(&run.state, Outcome::Deployed))
}

/// The images that are to be stored, by the services of the run.
fn coming<'a>(model: &'a Model, options: &DeployOptions) -> room::Coming<'a> {
    let only = options.services.as_ref();
    let services = model.services.values();
    let services = services.filter(|s| only.is_none_or(|only| only.contains(&s.name)));
    let is_built = |s: &&Service| options.build && s.is_application();
    let (built, mut others): (Vec<_>, Vec<_>) = services.partition(is_built);
    if model.vault.pulled == Pulled::Reference {
        // They need not be stored, as far as a registry has them.
        others.retain(|service| service.build.is_some());
    }
    room::Coming { built, others }
}

/// Takes note of what runs, so that it runs when the run has ended.
pub(crate) async fn take_note(run: &mut Run<'_>, observed: &Observed) -> Result<(), Failure> {
    remember_hooks(run, observed);
    let containers = running::containers(observed);
    if containers.is_empty() {
        return Ok(());
    }
    let undo = Undo::Running { project: run.state.project.clone(), containers };
    run.step(Step::Observe, undo, async { Ok(()) }).await
}

/// Containers that Compose created do not carry their hooks.
fn remember_hooks(run: &Run<'_>, observed: &Observed) {
    let model = observed.snapshot.as_ref().and_then(|found| Model::parse(&found.model).ok());
    let Some(model) = model else { return };
    for container in observed.live.iter().filter(|container| container.run.is_none()) {
        let service = model.services.get(&container.service);
        if let Some(service) = service.filter(|service| !service.hooks.is_empty()) {
            run.ctx.engine.remember_hooks(&container.id, &service.hooks);
        }
    }
}

/// Saves the recorded release beside what runs, where somebody replaced its containers from outside.
pub(crate) async fn keep_superseded(
    run: &mut Run<'_>,
    catalog: &Catalog,
    observed: &Observed,
) -> Result<(), Failure> {
    let ctx = run.ctx;
    let Some(folder) = backup::folder_of_superseded(ctx, catalog, observed) else { return Ok(()) };
    let layout = run.layout.clone();
    let effect = async { backup::keep_superseded(ctx, &layout, &folder, observed) };
    run.step(Step::Backup, Undo::Backup { folder: folder.clone() }, effect).await
}

/// Undoes the run and reads back that what ran before runs again.
pub(crate) async fn give_up(
    run: &mut Run<'_>,
    failure: Failure,
    observed: Option<&Observed>,
) -> RunReport {
    if run.is_in_doubt() {
        // The disk may have taken the commit before it refused: both releases run, and neither may go.
        run.state.failure = Some(run.ctx.secrets.failure(failure));
        let mut report = RunReport::new(&run.state, Outcome::Stuck);
        report.way_out = vec!["backstay recover".to_owned()];
        return report;
    }
    let outcome = run.unwind(failure).await;
    let mut report = RunReport::new(&run.state, outcome);
    if let (Outcome::RolledBack, Some(observed)) = (outcome, observed) {
        match verify::restored(run.ctx, &run.state.project, &run.state.run, &observed.live).await {
            Ok((services, unwell)) => {
                run.ctx.reporter.report(&Event::Verified { services, unwell });
            }
            Err(differences) => {
                // Somebody, or the machine, changed something meanwhile: nothing is claimed that was not found.
                report.outcome = Outcome::Stuck;
                report.way_out = vec![
                    "backstay status".to_owned(),
                    "docker compose up -d --no-build".to_owned(),
                ];
                note(run.ctx, Note::NotAsBefore { differences });
            }
        }
    }
    report
}

/// What comes after the commit. The new release runs and is verified, so that trouble here is told and does not change how
/// the run ended: the next run, or `recover`, goes on with it.
pub(crate) async fn end(run: &mut Run<'_>, retention: Option<Retention>) {
    let finished = finish(run).await;
    keep_ports(run).await;
    let result = match finished {
        Ok(()) => retain(run.ctx, &run.layout, retention).await.map(|_| ()),
        Err(error) => Err(error),
    };
    if let Err(error) = result {
        run.ctx
            .reporter
            .report(&Event::Note { note: Note::CleanupFailed { message: error.to_string() } });
    }
}

/// The removal of an old container may have taken the way to a port from the new one.
async fn keep_ports(run: &Run<'_>) {
    let Ok(found) = run.ctx.engine.containers(&run.state.project).await else { return };
    for message in
        host_ports::mend(run.ctx, &found.iter().collect::<Vec<_>>()).await.unwrap_or_default()
    {
        note(run.ctx, Note::CleanupFailed { message });
    }
}

fn phase(ctx: &Context, phase: Phase) {
    ctx.reporter.report(&Event::Phase { phase });
}

fn note(ctx: &Context, note: Note) {
    ctx.reporter.report(&Event::Note { note });
}

struct Deploy<'a> {
    stack: &'a StackRef,
    options: &'a DeployOptions,
    model: &'a Model,
    rendered: &'a str,
    certificate: Option<&'a certificate::Plan>,
}

impl Deploy<'_> {
    /// The services that may change.
    fn scope(&self) -> BTreeSet<String> {
        let all = self.model.services.keys().cloned();
        all.filter(|name| self.options.services.as_ref().is_none_or(|only| only.contains(name)))
            .collect()
    }

    /// The plan as far as it is known before anything is built: the image of a service that is built is not.
    async fn outlook(&self, ctx: &Context, observed: &Observed) -> Result<Plan> {
        let scope = self.scope();
        let others = self.model.services.values().filter(|service| !self.is_built(service, &scope));
        let there =
            steps::images::ids(ctx, others.map(|service| service.image.clone()).collect()).await?;
        let known = |service: &Service| there.get(&service.image).cloned().flatten();
        let by_service: BTreeMap<String, Option<String>> = self
            .model
            .services
            .values()
            .map(|service| {
                (service.name.clone(), known(service).filter(|_| !self.is_built(service, &scope)))
            })
            .collect();
        let mut plan =
            self.transaction(ctx, observed, by_service.clone(), BTreeMap::new())?.plan(ctx).await?;
        let in_scope = self.model.services.values().filter(|service| scope.contains(&service.name));
        let in_scope: Vec<&Service> = in_scope.collect();
        let is_built = |service: &&&Service| self.is_built(service, &scope);
        let built: BTreeSet<&str> =
            in_scope.iter().filter(is_built).map(|service| service.name.as_str()).collect();
        let pulled = pulls::decide(ctx, self.model, &in_scope, &built, self.options, observed);
        let pulled = pulled.await?.services;
        let mut first = Vec::new();
        if self.options.backup && observed.snapshot.is_some() {
            first.push(Step::Backup);
        }
        if self.options.services.is_none() {
            first.extend(self.certificate.and_then(certificate::Plan::step));
            first.extend(directories::outlook(self.model, self.certificate_files(), &*ctx.store)?);
        }
        if !built.is_empty() {
            first.push(Step::Build { services: built.into_iter().map(str::to_owned).collect() });
        }
        if !pulled.is_empty() {
            first.push(Step::Pull { services: pulled });
        }
        plan.steps.splice(0..0, first);
        Ok(plan)
    }

    fn is_built(&self, service: &Service, scope: &BTreeSet<String>) -> bool {
        self.options.build && service.is_application() && scope.contains(&service.name)
    }

    async fn steps(
        &self,
        run: &mut Run<'_>,
        catalog: &Catalog,
        observed: &Observed,
        found: &Found,
    ) -> Result<(), Failure> {
        let ctx = run.ctx;
        let phase = |phase| self::phase(ctx, phase);
        phase(Phase::Backup);
        self.backup(run, catalog, observed, found.placing.as_ref()).await?;
        let mut looked_at = BTreeSet::new();
        if self.options.old.is_some() {
            phase(Phase::RestoreFiles);
            let placed = found.placing.iter().flat_map(|placing| &placing.changes);
            placed.for_each(|change| note(ctx, Note::FileRestored { path: change.path.clone() }));
        } else if self.options.services.is_none() {
            self.surroundings(run, found, &mut looked_at).await?;
        }
        let files = collect_files(self.stack, self.model, &*ctx.store);
        let files = &files?;
        self.folders(ctx, observed, files);
        phase(Phase::Plan);
        phase(Phase::Update);
        if self.options.old.is_none() {
            let plan = self.outlook(ctx, observed).await?;
            ctx.reporter.report(&Event::Outlook { plan });
        }
        phase(Phase::Images);
        phase(Phase::CheckImages);
        phase(Phase::RestoreImages);
        let scope = self.scope();
        let prepared =
            images::prepare(run, self.stack, self.model, &scope, self.options, observed).await?;
        if self.options.services.is_none() && self.options.old.is_none() {
            // Only now is it known which user these images have.
            let images = directories::Images::Ready(&prepared.by_service);
            let files = self.certificate_files();
            directories::ensure(run, self.model, files, &images, &mut looked_at).await?;
        }
        directories::note_missing(run, self.model, self.options.services.as_ref()).await?;
        let mut by_service = prepared.by_service;
        for container in &observed.live {
            by_service
                .entry(container.service.clone())
                .or_insert_with(|| Some(container.image.clone()));
        }
        let transaction = self.transaction(ctx, observed, by_service, prepared.moves);
        let transaction = transaction?;
        let plan = transaction.plan(ctx).await?;
        run.record(Event::Planned { plan: plan.clone() })?;
        phase(Phase::Services);
        let executed = transaction.execute(run, &plan).await;
        if executed.is_err() && observed.live.is_empty() {
            first_start::tell(ctx, self.model, &run.state.run).await;
        }
        let live = executed?;
        let release = self.release(ctx, catalog, observed, &live, &transaction);
        let mut release = release?;
        contents::record(ctx, self.model, &mut release.services).await?;
        if self.options.backup {
            storing::protect(run, release.stored_images()).await?;
        }
        if let Some(before) = observed.snapshot.as_ref() {
            let now = Release { files: before.release.files.clone(), ..release.clone() };
            // Data changes by itself.
            let settings = |files: &'_ [(FileRecord, Option<Vec<u8>>)]| -> Vec<_> {
                let settings = files.iter().filter(|(file, _)| !file.is_data());
                settings.map(|(file, _)| (file.path.clone(), file.digest.clone())).collect()
            };
            let same_files = settings(&before.files) == settings(files);
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
        run.commit(&id)
    }

    /// What a stack needs around its services. An update of some of them leaves it alone.
    async fn surroundings(
        &self,
        run: &mut Run<'_>,
        found: &Found,
        looked_at: &mut BTreeSet<String>,
    ) -> Result<(), Failure> {
        let ctx = run.ctx;
        let phase = |phase| self::phase(ctx, phase);
        phase(Phase::Environment);
        if self.options.environment == EnvironmentChoice::Skip {
            note(ctx, Note::Skipped { phase: Phase::Environment });
        }
        environment::tell(run, self.stack, found.placing.as_ref(), &found.required);
        phase(Phase::Certificate);
        match self.certificate {
            Some(plan) => certificate::apply(run, self.stack, self.model, plan).await?,
            None if self.options.certificate == CertificateChoice::Skip => {
                note(ctx, Note::Skipped { phase: Phase::Certificate });
            }
            None => note(ctx, Note::NoCertificate),
        }
        phase(Phase::DataDirectories);
        let images = directories::Images::Before;
        directories::ensure(run, self.model, self.certificate_files(), &images, looked_at).await
    }

    /// Says which folders have changed and can't be brought back.
    fn folders(&self, ctx: &Context, observed: &Observed, files: &[(FileRecord, Option<Vec<u8>>)]) {
        let before = observed.snapshot.iter().flat_map(|snapshot| &snapshot.files);
        let before: BTreeMap<&str, &Option<String>> =
            before.map(|(file, _)| (file.path.as_str(), &file.digest)).collect();
        for (file, _) in files.iter().filter(|(file, _)| file.folder == Some(FolderState::NotKept))
        {
            // Of what is too large, nobody knows whether it has changed.
            if file.digest.is_some() && before.get(file.path.as_str()) == Some(&&file.digest) {
                continue;
            }
            let place = self.stack.directory.join(&file.path);
            let mounts = |service: &&Service| {
                service.mounts.iter().any(|mount| std::path::Path::new(&mount.source) == place)
            };
            let service = self.model.services.values().find(mounts);
            let service = service.map(|service| service.name.clone()).unwrap_or_default();
            note(ctx, Note::FolderTooLarge { path: file.path.clone(), service });
        }
    }

    fn certificate_files(&self) -> &[String] {
        self.certificate.map_or(&[], certificate::Plan::paths)
    }

    async fn backup(
        &self,
        run: &mut Run<'_>,
        catalog: &Catalog,
        observed: &Observed,
        placed: Option<&Placing>,
    ) -> Result<(), Failure> {
        let ctx = run.ctx;
        if observed.adopted
            && let Some(snapshot) = &observed.snapshot
        {
            let mut places = observed.live.iter().filter_map(|found| found.kept_at.clone());
            note(
                ctx,
                match places.next().filter(|_| observed.superseded.is_none()) {
                    Some(place) => Note::RecordElsewhere { place },
                    None => Note::Adopted,
                },
            );
            for service in &snapshot.release.differs {
                note(ctx, Note::AdoptedDiffers { service: service.clone() });
            }
        }
        for orphan in &observed.orphans {
            let (container, directory) = (orphan.name.clone(), orphan.directory.clone());
            note(ctx, Note::Orphan { container, directory });
        }
        let Some(snapshot) = &observed.snapshot else {
            note(ctx, Note::FirstDeployment);
            return Ok(());
        };
        if !self.options.backup {
            note(ctx, Note::NoBackup);
            return Ok(());
        }
        let folder = match &self.options.services {
            Some(_) => format!("update_{}", run.state.run),
            None => run.state.run.clone(),
        };
        let undo = Undo::Backup { folder: folder.clone() };
        let layout = run.layout.clone();
        keep_superseded(run, catalog, observed).await?;
        storing::protect(run, snapshot.release.stored_images()).await?;
        let effect = async {
            let services = self.options.services.as_ref();
            backup::apply(ctx, &layout, &folder, snapshot, services)?;
            // They may never have been part of a release.
            let changes = placed.map(|placed| placed.changes.as_slice()).unwrap_or_default();
            files::keep(changes, &layout.backup(&folder), &*ctx.store).map_err(Failure::from)
        };
        run.step(Step::Backup, undo, effect).await
    }

    fn transaction<'b>(
        &'b self,
        ctx: &Context,
        observed: &Observed,
        images: BTreeMap<String, Option<String>>,
        moves: BTreeMap<String, String>,
    ) -> Result<Transaction<'b>> {
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
            Ok((service.name.clone(), self.model.fingerprint(service, &*ctx.store, &value)?))
        });
        Ok(Transaction {
            desired: Desired {
                model: self.model,
                images,
                fingerprints: wanted.collect::<Result<_>>()?,
                only: self.options.services.clone(),
                facts: BTreeMap::new(),
                other_labels: BTreeSet::new(),
                ahead: self.options.ahead.clone(),
                pauses: self.options.pauses.clone(),
                memory: None,
            },
            moves,
            source: Source::Compose(self.stack),
            live: observed.live.clone(),
            fingerprints,
            manner: Manner {
                rehearsal: self.options.rehearsal,
                rollback: self.options.old.is_some(),
            },
            monitor: self.options.monitor,
            wait_timeout: self.options.wait_timeout,
        })
    }

    fn release(
        &self,
        ctx: &Context,
        catalog: &Catalog,
        observed: &Observed,
        live: &[Container],
        transaction: &Transaction<'_>,
    ) -> Result<Release> {
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
        Ok(Release {
            version: crate::release::VERSION,
            id: Catalog::id_of(sequence),
            sequence,
            parent: observed.snapshot.as_ref().map(|before| before.release.sequence),
            created: ctx.timestamp(),
            origin: if self.options.services.is_some() { Origin::Update } else { Origin::Deploy },
            project: self.model.project.clone(),
            engine: Some(observed.engine.clone()),
            stack: with_environment(self.stack, self.model, &*ctx.store)?,
            services,
            files: Vec::new(),
            networks: self.model.own_networks().map(str::to_owned).collect(),
            differs,
            parts: BTreeMap::new(),
        })
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
            content: None,
            pulled: None,
            fingerprint: own.cloned().unwrap_or_default(),
            compose_hash: container.compose_hash.clone(),
            containers: Vec::new(),
        });
        record.containers.push(container.id.clone());
    }
    services
}
