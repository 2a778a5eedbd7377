//! The steps of a run to a release.

use std::collections::BTreeMap;
use std::path::Path;

use super::check::Restoration;
use crate::contents::{self, Wanted};
use crate::context::Context;
use crate::engine::{CreateFrom, EngineResult};
use crate::error::Error;
use crate::event::{Event, Failure, Note, Phase};
use crate::hooks::RunHooks;
use crate::layout::Layout;
use crate::observed::Observed;
use crate::ops::conduct::phase;
use crate::ops::directories;
use crate::ops::options::RollbackOptions;
use crate::ops::recorded::{Keeping, all_writers, backup_folder, fingerprints, save, services};
use crate::ops::run_hooks::before_deploy;
use crate::plan::{Action, Desired, Manner, Plan, Step, Undo};
use crate::release::{Catalog, Release, ReleaseFolder};
use crate::run::Run;
use crate::stack::{DataSet, Model, is_movable};
use crate::steps::{DataWork, Transaction, files, images, stage, warm};

impl Restoration {
    pub(super) fn transaction<'a>(
        &'a self,
        observed: &Observed,
        options: &RollbackOptions,
        source: CreateFrom<'a>,
        images: &BTreeMap<String, String>,
        stand_ins: BTreeMap<String, Vec<String>>,
    ) -> Transaction<'a> {
        let release = &self.folder.release;
        let wanted = release.services.iter();
        let wanted = wanted.map(|(name, service)| (name.clone(), service.fingerprint.clone()));
        let only = self.scope.as_ref().map(|scope| scope.services.clone());
        let moves = release
            .services
            .iter()
            .filter(|(name, _)| only.as_ref().is_none_or(|only| only.contains(*name)))
            .filter(|(_, service)| is_movable(&service.reference))
            .filter_map(|(name, service)| {
                Some((service.reference.clone(), images.get(name)?.clone()))
            });
        let sets: Vec<DataSet> = self.data.iter().map(|saved| saved.set.clone()).collect();
        let before = observed.model();
        let models = [Some(&self.model), before.as_ref()];
        let hooks = self.hooks(options);
        Transaction {
            moves: if options.stays { BTreeMap::new() } else { moves.collect() },
            data: None,
            desired: Desired {
                hooks: hooks.hooks.clone(),
                still: all_writers(models.iter().flatten().copied(), &sets),
                data: sets.iter().map(|set| set.name.clone()).collect(),
                returns: !sets.is_empty(),
                images: images.iter().map(|(name, id)| (name.clone(), Some(id.clone()))).collect(),
                fingerprints: wanted.collect(),
                only,
                ..Desired::of(&self.model)
            },
            source,
            live: observed.live.clone(),
            fingerprints: fingerprints(observed),
            manner: Manner { rehearsal: options.rehearsal, rollback: true },
            stand_ins,
            monitor: options.monitor,
            wait_timeout: options.wait_timeout,
            hooks,
        }
    }

    /// The hooks of a run to this release: those of its own files.
    pub(super) fn hooks(&self, options: &RollbackOptions) -> RunHooks {
        let release = self.folder.release.id.clone();
        RunHooks::of(&self.model, options.kind(), options.hooks, release)
    }

    /// The images that its services are to run: those on record, under the ids that they have on this engine by now, or the ones
    /// that run already where they have the same content.
    pub(super) async fn images(
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
        let same = contents::of_running(ctx, layout, &wanted, &observed.live, recorded).await?;
        for want in &mut wanted {
            if let Some(running) = same.get(want.reference)
                && only.is_none_or(|only| only.contains(want.service))
            {
                want.image.clone_from(running);
            }
        }
        Ok(wanted.into_iter().map(|want| (want.service.to_owned(), want.image)).collect())
    }

    /// Nobody named this backup: those are told that cannot be gone back to.
    fn tell_passed_over(&self, ctx: &Context, catalog: &Catalog) {
        let taken = self.folder.path.file_name().unwrap_or_default().to_string_lossy();
        for folder in catalog.passed_over(&taken) {
            let note = Note::PassedOver { folder: folder.to_owned(), taken: taken.to_string() };
            ctx.reporter.report(&Event::Note { note });
        }
    }

    pub(super) async fn steps(
        &self,
        run: &mut Run<'_>,
        options: &RollbackOptions,
        catalog: &Catalog,
        observed: &Observed,
    ) -> Result<(), Failure> {
        let ctx = run.ctx;
        let store = ctx.store.clone();
        let phase = |part| phase(ctx, part);
        phase(Phase::Backup);
        if options.target.is_none() {
            self.tell_passed_over(ctx, catalog);
        }
        let only = self.scope.as_ref().map(|scope| &scope.services);
        // What runs says itself which data it has.
        let now = observed.model();
        let later = self.data.iter().map(|saved| saved.set.name.clone()).collect();
        let model = now.as_ref().unwrap_or(&self.model);
        let data = Keeping { model, wanted: options.data, later };
        let kept = save(run, catalog, observed, only, &[], data).await?;
        before_deploy(run, &self.hooks(options), observed, None).await?;
        let loaded;
        if let Some(scope) = &self.scope {
            phase(Phase::RestoreImages);
            self.restore_files(run, kept.as_deref()).await?;
            loaded = self.load(run).await?;
            for service in &scope.services {
                let note = Note::ImageRestored { service: service.clone() };
                ctx.reporter.report(&Event::Note { note });
            }
        } else if options.stays {
            loaded = BTreeMap::new();
        } else {
            phase(Phase::RestoreFiles);
            self.restore_files(run, kept.as_deref()).await?;
            phase(Phase::CheckImages);
            loaded = self.load(run).await?;
        }
        if !options.stays {
            let only = self.scope.as_ref().map(|scope| &scope.services);
            directories::note_missing(run, &self.model, only).await?;
        }
        phase(Phase::Services);
        let containers = match &self.scope {
            Some(scope) => scope.containers.clone(),
            None => self.folder.containers(&*store)?,
        };
        let source = if self.scope.is_none() && self.is_restored_by_compose(ctx).await? {
            CreateFrom::Compose(&self.stack)
        } else {
            CreateFrom::Recorded(&containers)
        };
        let images = self.images(ctx, &run.layout, observed, &loaded).await?;
        let mut transaction =
            self.transaction(observed, options, source, &images, warm::stand_ins(&run.state));
        if !self.data.is_empty() {
            transaction.data = Some(DataWork {
                model: &self.model,
                folder: backup_folder(&run.state.run, only.is_some()),
                sets: self.data.iter().map(|saved| saved.set.clone()).collect(),
                coming: Some((self.data_at.clone(), self.data.clone())),
            });
        }
        let plan = transaction.plan(ctx).await?;
        if options.stays {
            self.runs_as_released(&plan)?;
        }
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

    /// Data alone is no reason to replace anything.
    pub(super) fn runs_as_released(&self, plan: &Plan) -> Result<(), Error> {
        let others = plan.changes.iter().filter(|change| change.action != Action::Keep);
        let missing: Vec<String> = others
            .map(|change| format!("`{}` does not run as it was released", change.service))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let release = self.folder.release.id.clone();
        Err(Error::Incomplete { release, missing })
    }

    /// The release with the files that are to be put in place.
    pub(super) fn files(&self) -> &ReleaseFolder {
        self.scope.as_ref().map_or(&self.folder, |scope| &scope.files)
    }

    async fn restore_files(&self, run: &mut Run<'_>, kept: Option<&Path>) -> Result<(), Failure> {
        let ctx = run.ctx;
        let directory = &self.stack.directory;
        let files::Comparison { changes, lost, remarks } = self.compare(ctx)?;
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
