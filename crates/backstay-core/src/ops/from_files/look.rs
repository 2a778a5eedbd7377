//! What a run from files looks at before it begins, and what it brings in order so that the model can be read: `.env`.

use std::collections::BTreeSet;

use super::FromFiles;
use crate::context::Context;
use crate::engine::EngineErrorKind;
use crate::error::{Error, Result};
use crate::event::{Event, Failure};
use crate::layout::Layout;
use crate::observed::{Observed, observe};
use crate::ops::beginning::Beginning;
use crate::ops::certificate::{self, CertificateChoice};
use crate::ops::conduct::Stop;
use crate::ops::environment::{self, Placing};
use crate::ops::{gateway, mounts, preflight};
use crate::release::{Catalog, collect_files};
use crate::run::Run;
use crate::stack::Model;
use crate::steps::files::FileChange;

/// What was found before anything was touched.
#[derive(Default)]
pub(crate) struct Found {
    /// The template that is to take the place of `.env`.
    pub placing: Option<Placing>,
    /// What has to change in the file for the gateway.
    pub gateway: Option<FileChange>,
    /// The variables that the stack can't do without.
    pub required: Vec<String>,
    /// The model as the files on the disk give it; `None` where they give none before the template is in place.
    pub model: Option<(Model, String)>,
    /// The certificate of that model; looked at later where `.env` changes.
    pub certificate: Option<certificate::Plan>,
}

impl FromFiles<'_> {
    /// Looks at everything that can keep the run from beginning.
    pub(super) async fn look(&self, ctx: &Context, layout: &Layout) -> Result<Found> {
        let placing = self.basis.placing(self.stack, layout, self.options, &*ctx.store)?;
        let now = &gateway::readable(self.stack, &*ctx.store)?;
        let required = self.basis.required(ctx, now, placing.as_ref()).await?;
        let gateway = self.gateway(ctx, placing.is_some()).await?;
        let waits = placing.is_some() || gateway.is_some();
        let found = |model, certificate| Found { placing, gateway, required, model, certificate };
        match preflight::model(ctx, now).await {
            Ok(model) if waits => Ok(found(Some(model), None)),
            Ok(model) => {
                let certificate = self.check(ctx, layout, &model.0).await?;
                Ok(found(Some(model), certificate))
            }
            Err(Error::Engine(error)) if waits && is_about_files(error.kind) => {
                Ok(found(None, None))
            }
            Err(error) => Err(error),
        }
    }

    /// What has to change in the file for the gateway. Only a run of the whole stack looks: where a template comes first, as far
    /// as the files can be read without it.
    async fn gateway(&self, ctx: &Context, has_template: bool) -> Result<Option<FileChange>> {
        let choice = &self.options.gateway;
        if self.basis.is_old() || self.options.services.is_some() {
            return Ok(None);
        }
        match gateway::change(ctx, self.stack, choice).await {
            Err(Error::Engine(error)) if has_template && is_about_files(error.kind) => Ok(None),
            other => other,
        }
    }

    async fn check(
        &self,
        ctx: &Context,
        layout: &Layout,
        model: &Model,
    ) -> Result<Option<certificate::Plan>> {
        preflight::check(ctx, layout, model, &BTreeSet::new()).await?;
        // Whether they can be read; their content is taken when the run has made its own.
        collect_files(self.stack, model, &*ctx.store)?;
        let skip = self.options.services.is_some();
        let choice = if skip { CertificateChoice::Skip } else { self.options.certificate };
        let plan = certificate::plan(ctx, self.stack, model, choice)?;
        let coming = plan.iter().flat_map(certificate::Plan::paths);
        let coming = coming.map(|path| self.stack.directory.join(path)).collect();
        let known = Catalog::look(layout, &*ctx.store)?.0;
        let known = known.recorded().map(|folder| mounts::files_of(&folder.release));
        let only = self.options.services.as_ref();
        preflight::sources(ctx, model, only, &coming, &known.unwrap_or_default()).await?;
        Ok(plan)
    }

    /// Puts `.env` in place where that is to be done, and reads the model with it.
    pub(super) async fn place(
        &mut self,
        run: &mut Run<'_>,
        beginning: &mut Beginning,
    ) -> Result<(), Stop> {
        if self.found.placing.is_none() && self.found.gateway.is_none() {
            return Ok(());
        }
        if let Some(placing) = &self.found.placing {
            environment::place(run, self.stack, placing).await.map_err(Stop::Failed)?;
        }
        if let Some(change) = &self.found.gateway {
            gateway::place(run, self.stack, change).await.map_err(Stop::Failed)?;
        }
        let ctx = run.ctx;
        let (model, rendered) = preflight::model(ctx, self.stack).await?;
        let is_unknown = beginning.observed.is_none();
        if !is_unknown && model.project != run.state.project {
            // Another project would be another stack, and this one would go on beside it.
            let (old, new) = (&run.state.project, &model.project);
            let template = self.found.placing.as_ref().map_or(".env", |placing| &placing.name);
            let problem =
                format!("`{template}` makes the project `{old}` to `{new}`: name it with -p");
            return Err(Error::Model(problem).into());
        }
        let layout = run.layout.clone();
        let certificate = self.check(ctx, &layout, &model).await?;
        if is_unknown {
            let (catalog, orphans) = (&beginning.catalog, self.options.orphans());
            let mut now = observe(ctx, self.stack, &model, &rendered, catalog, orphans).await?;
            let placed = self.found.placing.iter().flat_map(|placing| &placing.changes);
            as_before(&mut now, &placed.chain(&self.found.gateway).collect::<Vec<_>>());
            let previous = now.snapshot.as_ref().map(|snapshot| snapshot.release.id.clone());
            let resolved = Event::Resolved { project: model.project.clone(), previous };
            run.record(resolved).map_err(|error| Stop::Failed(Failure::from(error)))?;
            beginning.observed = Some(now);
        }
        self.found.model = Some((model, rendered));
        self.found.certificate = certificate;
        Ok(())
    }
}

const fn is_about_files(kind: EngineErrorKind) -> bool {
    matches!(kind, EngineErrorKind::InvalidStack | EngineErrorKind::FileMissing)
}

/// What was adopted just now has the `.env` that was there before.
fn as_before(observed: &mut Observed, changes: &[&FileChange]) {
    let (true, Some(snapshot)) = (observed.adopted, &mut observed.snapshot) else { return };
    for (record, content) in &mut snapshot.files {
        if let Some(change) = changes.iter().find(|change| change.path == record.path) {
            let before = change.before.as_ref();
            record.digest = before.map(|(bytes, _)| crate::digest::digest(bytes));
            record.mode = before.map_or(record.mode, |(_, mode)| *mode);
            *content = before.map(|(bytes, _)| bytes.clone());
        }
    }
}
