//! `rollback`: back to a kept release. A run like any other: it starts the old images beside the new ones, and is itself
//! undone if it fails.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::deploy::{self, end, give_up, keep_superseded, services, take_note};
use super::old_backup;
use super::scope::{Scope, services_of};
use super::{claim, directories, mounts, preflight, recover, renamed, report::RunReport};
use crate::contents::{self, Wanted};
use crate::context::Context;
use crate::engine::{Container, EngineResult, Source, Stranger};
use crate::error::{Error, Result};
use crate::event::{Event, Failure, Note, Outcome, Phase, RunKind};
use crate::layout::Layout;
use crate::plan::Undo;
use crate::plan::{Desired, Manner, Plan, Step};
use crate::ports::Store;
use crate::release::{Catalog, Entry, EntryState, FileRecord, Release, ReleaseFolder, Retention};
use crate::run::Run;
use crate::running::{Observed, Orphans, is_live, observe};
use crate::secrets::in_release;
use crate::stack::{Model, StackRef, completed, is_movable};
use crate::steps::{Transaction, stage};
use crate::steps::{backup, files, images, storing};
use crate::vault::Vault;
use futures_util::FutureExt;

/// How to roll back.
#[derive(Debug, Clone)]
pub struct RollbackOptions {
    /// The release: a folder, a path, an id or a number of the list; `None` means the last good one before this.
    pub target: Option<String>,
    /// Only the services of an update's backup.
    pub updates: bool,
    /// How long each service may take to be ready.
    pub wait_timeout: Option<Duration>,
    /// Prove the old release beside the running one first.
    pub rehearsal: bool,
    /// How long its containers are watched.
    pub monitor: Option<Duration>,
    /// How long backups are kept.
    pub retention: Option<Retention>,
    /// Go back even where something that the release had otherwise can't be brought back.
    pub leave_files: bool,
}

impl Default for RollbackOptions {
    fn default() -> Self {
        Self {
            target: None,
            updates: false,
            wait_timeout: None,
            rehearsal: true,
            monitor: None,
            retention: None,
            leave_files: false,
        }
    }
}

/// The plan of a rollback, without any effect.
///
/// # Errors
/// What a rollback would refuse to begin with.
pub async fn plan(ctx: &Context, stack: &StackRef, options: &RollbackOptions) -> Result<Plan> {
    ctx.engine.info().await?;
    let layout = renamed::place(ctx, stack).await?;
    let (catalog, _) = look(&layout, options, &*ctx.store)?;
    if let Some(old) = old(&catalog, &layout, options)? {
        let options = old_backup::options(ctx, stack, old, options).await?;
        return deploy::plan(ctx, stack, &options).await;
    }
    let chosen = target(&catalog, &layout, options, &*ctx.store)?;
    let (target, observed) = Target::find(ctx, stack, &layout, &catalog, chosen).await?;
    let images = target.images(ctx, &layout, &observed, &BTreeMap::new()).await?;
    let source = Source::Compose(&target.stack);
    let transaction = target.transaction(&observed, options, source, &images);
    let mut plan = transaction.plan(ctx).await?;
    target.whole(ctx, options)?;
    let has_files = target.scope.as_ref().is_none_or(|scope| !scope.files.release.files.is_empty());
    let mut first = if has_files { vec![Step::Files] } else { Vec::new() };
    if observed.snapshot.is_some() {
        first.insert(0, Step::Backup);
    }
    if !target.absent.is_empty() {
        first.push(Step::Load { images: target.absent.clone() });
    }
    plan.steps.splice(0..0, first);
    Ok(plan)
}

/// Rolls back.
///
/// # Errors
/// Whatever keeps the run from beginning; nothing has been changed then. What fails later is in the report.
pub async fn run(ctx: &Context, stack: &StackRef, options: &RollbackOptions) -> Result<RunReport> {
    ctx.engine.info().await?;
    let layout = renamed::place(ctx, stack).await?;
    // Before the lock makes a folder: a stack without backups stays without one.
    let (catalog, _) = look(&layout, options, &*ctx.store)?;
    if let Some(old) = old(&catalog, &layout, options)? {
        let options = old_backup::options(ctx, stack, old, options).await?;
        return deploy::run(ctx, stack, &options).await;
    }
    target(&catalog, &layout, options, &*ctx.store)?;
    let (_guard, layout) = recover::lock(ctx, &layout)?;
    claim::holding(ctx, &layout, held(ctx, stack, options, &layout).boxed()).await
}

/// The run, under its locks.
async fn held(
    ctx: &Context,
    stack: &StackRef,
    options: &RollbackOptions,
    layout: &Layout,
) -> Result<RunReport> {
    let recovered = recover::all(ctx, layout).await?;
    if let Some(stuck) = recovered.into_iter().find(|report| report.outcome == Outcome::Stuck) {
        return Ok(stuck);
    }
    let (catalog, flaw) = look(layout, options, &*ctx.store)?;
    let chosen = target(&catalog, layout, options, &*ctx.store)?;
    let named = chosen.folder.release.id.clone();
    let (target, observed) = Target::find(ctx, stack, layout, &catalog, chosen).await?;
    let coming = target.coming();
    preflight::check(ctx, layout, &target.model, &coming).await?;
    let files = mounts::files_of(&target.folder.release);
    let only = target.scope.as_ref().map(|scope| &scope.services);
    preflight::sources(ctx, &target.model, only, &coming, &files).await?;
    preflight::vault(ctx, layout, &observed)?;
    // A link on the way to a file, something else in its place, or what can't be brought back: better now than half-way.
    target.whole(ctx, options)?;
    let first = Event::RunStarted {
        run: catalog.free_name(&*ctx.clock),
        kind: RunKind::Rollback,
        project: target.model.project.clone(),
        directory: Some(stack.directory.clone()),
        pid: std::process::id(),
        target: Some(named),
        previous: observed.snapshot.as_ref().map(|snapshot| snapshot.release.id.clone()),
    };
    let mut run = Run::begin(ctx, layout.clone(), first)?;
    if let Some(flaw) = flaw {
        let note = Note::RecordDamaged { problem: flaw.to_string() };
        ctx.reporter.report(&Event::Note { note });
    }
    let taken = async {
        take_note(&mut run, &observed).await?;
        target.steps(&mut run, options, &catalog, &observed).await
    };
    if let Err(failure) = taken.await {
        return Ok(give_up(&mut run, failure, Some(&observed)).await);
    }
    end(&mut run, options.retention).await;
    Ok(RunReport::new(&run.state, Outcome::Deployed))
}

/// What is kept. Going back is a way out of a damaged record of what runs too: what runs is then recorded anew, as a stack
/// is that ran without us. Which release comes before it is not known then, and has to be said.
fn look(
    layout: &Layout,
    options: &RollbackOptions,
    store: &dyn Store,
) -> Result<(Catalog, Option<Error>)> {
    let (catalog, flaw) = Catalog::look(layout, store)?;
    match flaw {
        Some(error @ Error::TooNew { .. }) => Err(error),
        Some(error) if catalog.current.is_none() && options.target.is_none() => Err(error),
        flaw => Ok((catalog, flaw)),
    }
}

/// The backup that is meant, and which of its services.
struct Chosen {
    folder: ReleaseFolder,
    only: Option<BTreeSet<String>>,
}

fn entry<'a>(
    catalog: &'a Catalog,
    layout: &Layout,
    options: &RollbackOptions,
) -> Result<&'a Entry> {
    match (&options.target, options.updates) {
        (Some(name), false) => catalog.find(name, layout),
        (None, false) => catalog.previous(),
        (Some(name), true) => catalog.find_update(name, layout),
        (None, true) => catalog.previous_update(),
    }
}

/// The backup that is meant, where the old scripts wrote it.
fn old<'a>(
    catalog: &'a Catalog,
    layout: &Layout,
    options: &RollbackOptions,
) -> Result<Option<&'a Entry>> {
    let entry = entry(catalog, layout, options)?;
    Ok(matches!(entry.state, EntryState::Plain).then_some(entry))
}

fn target(
    catalog: &Catalog,
    layout: &Layout,
    options: &RollbackOptions,
    store: &dyn Store,
) -> Result<Chosen> {
    let entry = entry(catalog, layout, options)?;
    Ok(Chosen {
        folder: entry.good(layout, store)?.clone(),
        only: options.updates.then(|| services_of(entry)).transpose()?,
    })
}

/// The release to restore, checked.
pub(super) struct Target {
    pub folder: ReleaseFolder,
    /// Its flags, in the place where the stack is now.
    pub stack: StackRef,
    pub model: Model,
    pub rendered: String,
    /// Its files with their content.
    pub copies: Vec<(FileRecord, Option<Vec<u8>>)>,
    /// Images that have to be loaded from the vault, or pulled.
    pub absent: Vec<String>,
    /// Those of them that a registry has, and where.
    pub pulled: BTreeMap<String, String>,
    /// Which services, where it is not all of them.
    pub scope: Option<Scope>,
    /// The containers of others: what they use is not written.
    strangers: Vec<Stranger>,
}

impl Target {
    /// Whether all that the release had can be brought back, or the user said to go on all the same.
    fn whole(&self, ctx: &Context, options: &RollbackOptions) -> Result<()> {
        let lost = self.compare(&*ctx.store)?.lost;
        if lost.is_empty() || options.leave_files {
            return Ok(());
        }
        Err(Error::NotWhole { release: self.folder.release.id.clone(), lost })
    }

    /// The files that come back.
    fn coming(&self) -> BTreeSet<PathBuf> {
        let directory = &self.stack.directory;
        let kept = self.files().release.files.iter().filter(|file| file.stored.is_some());
        kept.map(|file| directory.join(&file.path)).collect()
    }

    fn compare(&self, store: &dyn Store) -> Result<files::Comparison> {
        files::compare(self.files(), &self.stack.directory, &self.strangers, store)
    }

    /// What is to be restored, and what runs.
    async fn find(
        ctx: &Context,
        stack: &StackRef,
        layout: &Layout,
        catalog: &Catalog,
        chosen: Chosen,
    ) -> Result<(Self, Observed)> {
        let target = Self::check(ctx, stack, layout, chosen.folder, chosen.only.as_ref()).await?;
        let mut observed = target.observe(ctx, catalog).await?;
        if chosen.only.is_none() {
            // A service that the files have given a profile since is left alone by them, and is the release's all the same.
            let all = ctx.engine.containers(&target.model.project).await?;
            let is_new = |container: &Container| {
                target.folder.release.services.contains_key(&container.service)
                    && is_live(container)
                    && observed.live.iter().all(|known| known.id != container.id)
            };
            let more: Vec<Container> = all.into_iter().filter(is_new).collect();
            observed.live.extend(more);
        }
        let target = match chosen.only {
            Some(services) => target.narrowed(ctx, services, catalog, &observed)?,
            None => target,
        };
        Ok((target, observed))
    }

    /// Checks before anything is touched that all that the release needs is there.
    pub(super) async fn check(
        ctx: &Context,
        stack: &StackRef,
        layout: &Layout,
        mut folder: ReleaseFolder,
        only: Option<&BTreeSet<String>>,
    ) -> Result<Self> {
        let store = &*ctx.store;
        let mut copies = Vec::new();
        for record in &folder.release.files {
            copies.push((record.clone(), folder.file(record, store)?));
        }
        let containers = folder.containers(store)?;
        ctx.secrets.add(in_release(&folder, store));
        let rendered =
            moved(&folder.model(store)?, &folder.release.stack.directory, &stack.directory);
        // Whatever the files named when it was recorded: all that the release had comes back.
        let services = folder.release.services.clone();
        let names: BTreeSet<&str> = services.keys().map(String::as_str).collect();
        let rendered = completed(&rendered, &containers, &names, &folder.release.differs)?;
        let mut model = Model::parse(&rendered)?;
        count_replicas(&mut model, &folder.release);
        folder.release.networks.extend(model.own_networks().map(str::to_owned));
        folder.release.networks.sort();
        folder.release.networks.dedup();
        // A service that had no container had none.
        model.services.retain(|name, service| {
            folder.release.services.contains_key(name) || service.replicas == 0
        });
        let vault = Vault::new(layout.vault(), ctx.store.clone());
        let unknown = names.iter().filter(|name| !model.services.contains_key(**name));
        let mut missing: Vec<String> = unknown
            .map(|name| format!("neither `model.yml` nor `containers.json` has service `{name}`"))
            .collect();
        let mut absent = Vec::new();
        let services = folder.release.services.iter();
        let services = services.filter(|(name, _)| only.is_none_or(|only| only.contains(*name)));
        let services =
            services.map(|(_, service)| (service.image.as_str(), service.pulled.clone()));
        let mut pulled = BTreeMap::new();
        for (image, registry) in services.collect::<BTreeMap<_, _>>() {
            if ctx.engine.image(image).await?.is_some() {
                continue;
            }
            let list = vault.index_file(image);
            let found =
                store.metadata(&list).map_err(|error| Error::io("reading", &list, error))?;
            if found.is_some() {
                // Now, and not when the files are in place and the engine has half of it.
                vault.verify(image)?;
                absent.push(image.to_owned());
            } else if let Some(registry) = registry {
                absent.push(image.to_owned());
                pulled.insert(image.to_owned(), registry);
            } else {
                let list = list.display();
                missing.push(format!(
                    "image {image} is neither on the engine nor in the vault: there is no `{list}`"
                ));
            }
        }
        if !missing.is_empty() {
            return Err(Error::Incomplete { release: folder.release.id.clone(), missing });
        }
        let stack = rebase(&folder.release.stack, &stack.directory);
        let strangers = ctx.engine.strangers(&model.project).await?;
        Ok(Self { stack, folder, model, rendered, copies, absent, pulled, scope: None, strangers })
    }

    async fn observe(&self, ctx: &Context, catalog: &Catalog) -> Result<Observed> {
        // What runs now is recorded, or is adopted under the flags that the stack has now.
        let here = |folder: &ReleaseFolder| rebase(&folder.release.stack, &self.stack.directory);
        let stack = &catalog.recorded().map_or_else(|| self.stack.clone(), here);
        let rendered = match catalog.recorded() {
            Some(folder) => folder.model(&*ctx.store)?,
            None => self.rendered.clone(),
        };
        let model = Model::parse(&rendered)?;
        observe(ctx, stack, &model, &rendered, catalog, Orphans::Leave).await
    }

    fn transaction<'a>(
        &'a self,
        observed: &Observed,
        options: &RollbackOptions,
        source: Source<'a>,
        images: &BTreeMap<String, String>,
    ) -> Transaction<'a> {
        let release = &self.folder.release;
        let recorded = observed.snapshot.as_ref().map(|snapshot| &snapshot.release.services);
        let fingerprints: BTreeMap<String, String> = observed
            .live
            .iter()
            .filter_map(|c| Some((c.id.clone(), recorded?.get(&c.service)?.fingerprint.clone())))
            .collect();
        let by_name = |pick: &dyn Fn(&crate::release::ServiceRecord) -> String| {
            release
                .services
                .iter()
                .map(|(name, service)| (name.clone(), pick(service)))
                .collect::<BTreeMap<_, _>>()
        };
        let only = self.scope.as_ref().map(|scope| scope.services.clone());
        let moves = release
            .services
            .iter()
            .filter(|(name, _)| only.as_ref().is_none_or(|only| only.contains(*name)))
            .filter(|(_, service)| is_movable(&service.reference))
            .filter_map(|(name, service)| {
                Some((service.reference.clone(), images.get(name)?.clone()))
            });
        Transaction {
            moves: moves.collect(),
            desired: Desired {
                model: &self.model,
                images: images.iter().map(|(name, id)| (name.clone(), Some(id.clone()))).collect(),
                fingerprints: by_name(&|service| service.fingerprint.clone()),
                only,
                facts: BTreeMap::new(),
                other_labels: BTreeSet::new(),
                ahead: BTreeSet::new(),
                pauses: BTreeSet::new(),
                memory: None,
            },
            source,
            live: observed.live.clone(),
            fingerprints,
            manner: Manner { rehearsal: options.rehearsal, rollback: true },
            monitor: options.monitor,
            wait_timeout: options.wait_timeout,
        }
    }

    /// The images that its services are to run: those on record, under the ids that they have on this engine by now, or the ones
    /// that run already where they have the same content.
    async fn images(
        &self,
        ctx: &Context,
        layout: &Layout,
        observed: &Observed,
        loaded: &BTreeMap<String, String>,
    ) -> EngineResult<BTreeMap<String, String>> {
        let only = self.scope.as_ref().map(|scope| &scope.services);
        let services = self.folder.release.services.iter();
        let mut wanted: Vec<Wanted<'_>> = services
            .map(|(name, record)| Wanted {
                service: name,
                reference: &record.reference,
                platform: self.model.services.get(name).and_then(|service| service.platform()),
                image: loaded.get(&record.image).unwrap_or(&record.image).clone(),
                content: record.content.clone(),
            })
            .collect();
        let recorded = observed.snapshot.as_ref().map(|snapshot| &snapshot.release.services);
        let same = contents::running(ctx, layout, &wanted, &observed.live, recorded).await?;
        for want in &mut wanted {
            if let Some(running) = same.get(want.reference)
                && only.is_none_or(|only| only.contains(want.service))
            {
                want.image.clone_from(running);
            }
        }
        Ok(wanted.into_iter().map(|want| (want.service.to_owned(), want.image)).collect())
    }

    async fn steps(
        &self,
        run: &mut Run<'_>,
        options: &RollbackOptions,
        catalog: &Catalog,
        observed: &Observed,
    ) -> Result<(), Failure> {
        let ctx = run.ctx;
        let store = ctx.store.clone();
        let phase = |phase| ctx.reporter.report(&Event::Phase { phase });
        phase(Phase::Backup);
        let kept = self.backup(run, catalog, observed).await?;
        let loaded;
        if let Some(scope) = &self.scope {
            phase(Phase::RestoreImages);
            self.restore_files(run, kept.as_deref()).await?;
            loaded = self.load(run).await?;
            for service in &scope.services {
                let note = Note::ImageRestored { service: service.clone() };
                ctx.reporter.report(&Event::Note { note });
            }
        } else {
            phase(Phase::RestoreFiles);
            self.restore_files(run, kept.as_deref()).await?;
            phase(Phase::CheckImages);
            loaded = self.load(run).await?;
        }
        directories::note_missing(run, &self.model, self.scope.as_ref().map(|s| &s.services))
            .await?;
        phase(Phase::Services);
        let containers = match &self.scope {
            Some(scope) => scope.containers.clone(),
            None => self.folder.containers(&*store)?,
        };
        let source = if self.scope.is_none() && self.is_restored_by_compose(ctx).await? {
            Source::Compose(&self.stack)
        } else {
            Source::Recorded(&containers)
        };
        let images = self.images(ctx, &run.layout, observed, &loaded).await?;
        let transaction = self.transaction(observed, options, source, &images);
        let plan = transaction.plan(ctx).await?;
        run.record(Event::Planned { plan: plan.clone() })?;
        let live = transaction.execute(run, &plan).await?;
        let mut services = services(&self.model, &live, &transaction);
        contents::record(ctx, &self.model, &mut services).await?;
        let release =
            Release { services, stack: self.stack.clone(), ..self.folder.release.clone() };
        let id = release.id.clone();
        stage(run, release, &self.copies, &self.rendered).await?;
        run.commit(&id)
    }

    async fn backup(
        &self,
        run: &mut Run<'_>,
        catalog: &Catalog,
        observed: &Observed,
    ) -> Result<Option<PathBuf>, Failure> {
        let ctx = run.ctx;
        let Some(snapshot) = &observed.snapshot else { return Ok(None) };
        let services = self.scope.as_ref().map(|scope| &scope.services);
        let folder = match services {
            Some(_) => format!("update_{}", run.state.run),
            None => run.state.run.clone(),
        };
        let layout = run.layout.clone();
        keep_superseded(run, catalog, observed).await?;
        storing::protect(run, snapshot.release.stored_images()).await?;
        let effect = async { backup::apply(ctx, &layout, &folder, snapshot, services) };
        run.step(Step::Backup, Undo::Backup { folder: folder.clone() }, effect).await?;
        Ok(Some(layout.backup(&folder)))
    }

    /// The release with the files that are to be put in place.
    fn files(&self) -> &ReleaseFolder {
        self.scope.as_ref().map_or(&self.folder, |scope| &scope.files)
    }

    async fn restore_files(&self, run: &mut Run<'_>, kept: Option<&Path>) -> Result<(), Failure> {
        let ctx = run.ctx;
        let directory = &self.stack.directory;
        let files::Comparison { changes, lost, remarks } = self.compare(&*ctx.store)?;
        let lost = lost.into_iter().map(|lost| Note::NotBroughtBack { lost });
        for note in lost.chain(remarks) {
            ctx.reporter.report(&Event::Note { note });
        }
        if changes.is_empty() {
            return Ok(());
        }
        let saved = files::save(&changes, "", &run.layout.work(&run.state.run), &*ctx.store)?;
        let effect = async { files::apply(ctx, directory, &changes, kept).map_err(Failure::from) };
        run.step(
            Step::Files,
            Undo::Files { saved, written: files::digests(&changes), folders: Vec::new() },
            effect,
        )
        .await
    }

    async fn load(&self, run: &mut Run<'_>) -> Result<BTreeMap<String, String>, Failure> {
        let ctx = run.ctx;
        if self.absent.is_empty() {
            if self.scope.is_none() {
                ctx.reporter.report(&Event::Note { note: Note::ImagesPresent });
            }
            return Ok(BTreeMap::new());
        }
        let layout = run.layout.clone();
        let step = Step::Load { images: self.absent.clone() };
        // An image without a tag changes nothing for anybody; it stays if the run is undone.
        run.step(step, Undo::Nothing, images::load(ctx, &layout, &self.absent, &self.pulled)).await
    }

    /// Whether the restored files give the model that the release was made from. Where they don't (the release was adopted
    /// while its files said something else, or a file outside of the stack has changed), what the engine said of the
    /// release's containers is the truth.
    async fn is_restored_by_compose(&self, ctx: &Context) -> Result<bool, Failure> {
        if !self.folder.release.differs.is_empty() {
            return Ok(false);
        }
        let now = ctx.engine.model(&self.stack).await?;
        let (Ok(now), Ok(then)) = (Model::parse(&now), Model::parse(&self.rendered)) else {
            return Ok(false);
        };
        Ok(now.raw == then.raw)
    }
}

/// A release has as many containers of each service as were recorded, whatever the model says.
pub(super) fn count_replicas(model: &mut Model, release: &Release) {
    for (name, recorded) in &release.services {
        if let Some(service) = model.services.get_mut(name) {
            service.replicas = u32::try_from(recorded.containers.len()).unwrap_or(u32::MAX);
        }
    }
}

/// The model of a stack whose folder may have been moved since: it has the folder's full path in it.
fn moved(rendered: &str, from: &Path, to: &Path) -> String {
    match (from.to_str(), to.to_str()) {
        (Some(from), Some(to)) if from != to => rendered.replace(from, to),
        _ => rendered.to_owned(),
    }
}

/// A release's flags for a stack whose folder may have been moved since.
fn rebase(stack: &StackRef, directory: &Path) -> StackRef {
    let moved = |path: &PathBuf| match path.strip_prefix(&stack.directory) {
        Ok(inside) => directory.join(inside),
        Err(_) => path.clone(),
    };
    StackRef {
        directory: directory.to_owned(),
        files: stack.files.iter().map(moved).collect(),
        project_directory: stack.project_directory.as_ref().map(moved),
        env_files: stack.env_files.iter().map(moved).collect(),
        ..stack.clone()
    }
}
