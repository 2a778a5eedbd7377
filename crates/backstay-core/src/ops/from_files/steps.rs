//! The steps of a run from files.

use std::collections::{BTreeMap, BTreeSet};

use super::Deploy;
use super::look::Found;
use super::record::{is_unchanged, next_sequence};
use crate::contents;
use crate::context::Context;
use crate::event::{Event, Failure, Note, Phase};
use crate::observed::Observed;
use crate::ops::certificate::{self, CertificateChoice};
use crate::ops::conduct::{note, phase};
use crate::ops::environment::{self, EnvironmentChoice};
use crate::ops::run_hooks::before_deploy;
use crate::ops::{directories, first_start, images};
use crate::release::{Catalog, FileRecord, collect_files};
use crate::run::Run;
use crate::stack::{FolderState, HookPoint, Service};
use crate::steps::{stage, storing};

impl Deploy<'_> {
    pub(super) async fn steps(
        &self,
        run: &mut Run<'_>,
        catalog: &Catalog,
        observed: &Observed,
        found: &Found,
    ) -> Result<(), Failure> {
        let ctx = run.ctx;
        let phase = |part| phase(ctx, part);
        phase(Phase::Backup);
        self.backup(run, catalog, observed, found.placing.as_ref()).await?;
        let hooks = self.hooks(Catalog::id_of(next_sequence(catalog, observed)));
        let outlook = match hooks.at(HookPoint::BeforeDeploy).next() {
            Some(_) => Some(self.outlook(ctx, observed).await?),
            None => None,
        };
        before_deploy(run, &hooks, observed, outlook.as_ref()).await?;
        let mut looked_at = BTreeSet::new();
        if self.basis.is_old() {
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
        if !self.basis.is_old() {
            let plan = self.outlook(ctx, observed).await?;
            ctx.reporter.report(&Event::Outlook { plan });
        }
        phase(Phase::Images);
        phase(Phase::CheckImages);
        phase(Phase::RestoreImages);
        let scope = self.scope();
        let prepared = images::prepare(
            run,
            self.stack,
            self.model,
            &scope,
            self.options,
            self.basis,
            observed,
        )
        .await?;
        if self.options.services.is_none() && !self.basis.is_old() {
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
        let transaction = self.transaction(ctx, observed, by_service, prepared.moves, hooks);
        let mut transaction = transaction.await?;
        transaction.data = self.work(&run.state.run, observed);
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
        if is_unchanged(&mut release, observed, files) {
            note(ctx, Note::UpToDate);
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
        let phase = |part| phase(ctx, part);
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

    pub(super) fn certificate_files(&self) -> &[String] {
        self.certificate.map_or(&[], certificate::Plan::paths)
    }
}
