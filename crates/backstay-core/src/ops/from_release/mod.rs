//! A run to a kept release. It starts the old images beside the new ones, and is itself undone if it fails.

mod check;
mod chosen;
mod narrowed;
mod steps;

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use super::beginning::Beginning;
use super::conduct::{Stop, Target};
use super::options::RollbackOptions;
use super::{mounts, preflight, room};
use crate::context::Context;
use crate::engine::CreateFrom;
use crate::error::{Error, Result};
use crate::event::{Event, Failure, RunKind};
use crate::hooks::RunHooks;
use crate::layout::Layout;
use crate::observed::Observed;
use crate::plan::{Plan, Step};
use crate::release::Catalog;
use crate::run::Run;
use crate::stack::{HookPoint, Model, RunHook, StackRef};
use crate::steps::warm as up;
use crate::warm::Warm;

pub(crate) use check::Restoration;
use chosen::Chosen;
pub(crate) use chosen::services_of;
pub(super) use chosen::{look, old, target};

/// A run to a release.
pub(crate) struct FromRelease<'a> {
    pub stack: &'a StackRef,
    pub options: &'a RollbackOptions,
    /// The release, once it has been looked at under the locks.
    pub found: Option<Restoration>,
    /// Whether some of its old containers were still up a moment ago.
    pub hurries: bool,
    /// The old containers of the release that are still up: whoever comes is led to them before all else.
    pub warm: Option<Warm>,
}

impl<'a> FromRelease<'a> {
    pub(crate) const fn new(
        stack: &'a StackRef,
        options: &'a RollbackOptions,
        hurries: bool,
    ) -> Self {
        Self { stack, options, found: None, hurries, warm: None }
    }

    /// Finds everything that can keep the run from going on.
    async fn look(
        &mut self,
        ctx: &Context,
        layout: &Layout,
        catalog: &Catalog,
        chosen: Chosen,
    ) -> Result<Observed> {
        let (mut target, observed) =
            Restoration::find(ctx, self.stack, layout, catalog, chosen).await?;
        if self.options.with_data {
            let folder = chosen::data_at(catalog, layout, self.options)?;
            target.find_data(ctx, layout.directory(), &observed, folder).await?;
        }
        let coming = if self.options.stays { BTreeSet::new() } else { target.coming() };
        preflight::check(ctx, layout, &target.model, &coming).await?;
        let files = mounts::files_of(&target.folder.release);
        let only = target.scope.as_ref().map(|scope| &scope.services);
        preflight::sources(ctx, &target.model, only, &coming, &files).await?;
        preflight::vault(ctx, layout, &observed)?;
        if let (true, Some(now)) = (self.options.data, &observed.snapshot) {
            room::data(ctx, layout, &Model::parse(&now.model)?, catalog).await?;
        }
        // A link on the way to a file, something else in its place, or what can't be brought back: better now than half-way.
        target.whole(ctx, self.options)?;
        self.found = Some(target);
        Ok(observed)
    }
}

/// Those of a release that are still up.
pub(super) fn warm(
    ctx: &Context,
    layout: &Layout,
    catalog: &Catalog,
    chosen: &Chosen,
) -> Option<Warm> {
    let warm = super::warm::now(ctx, layout)?;
    (catalog.recorded().is_some() && warm.release == chosen.folder.release.id).then_some(warm)
}

#[async_trait]
impl Target for FromRelease<'_> {
    fn kind(&self) -> RunKind {
        self.options.kind()
    }

    fn hurries(&self) -> bool {
        self.hurries
    }

    async fn begin(&mut self, ctx: &Context, layout: &Layout, _: bool) -> Result<Beginning> {
        let (catalog, flaw) = look(layout, self.options, &*ctx.store)?;
        let chosen = target(&catalog, layout, self.options, &*ctx.store)?;
        let target = Some(chosen.folder.release.id.clone());
        let project = chosen.folder.release.project.clone();
        // Where data comes back too, the old code must not write before.
        let switches = !self.options.with_data;
        self.warm = switches.then(|| warm(ctx, layout, &catalog, &chosen)).flatten();
        // What else there is to find out can wait until nobody waits any more.
        let observed = match self.warm {
            Some(_) => None,
            None => Some(self.look(ctx, layout, &catalog, chosen).await?),
        };
        Ok(Beginning { project, target, catalog, observed, flaw })
    }

    async fn settle(&mut self, run: &mut Run<'_>, beginning: &mut Beginning) -> Result<(), Stop> {
        let Some(warm) = self.warm.take() else { return Ok(()) };
        let (ctx, layout, catalog) = (run.ctx, run.layout.clone(), &beginning.catalog);
        let chosen = target(catalog, &layout, self.options, &*ctx.store)?;
        up::switch_back(run, &warm, chosen.only.as_ref()).await.map_err(Stop::Failed)?;
        ctx.engine.info().await.map_err(Error::from)?;
        let observed = self.look(ctx, &layout, catalog, chosen).await?;
        let previous = observed.snapshot.as_ref().map(|snapshot| snapshot.release.id.clone());
        let resolved = Event::Resolved { project: run.state.project.clone(), previous };
        run.record(resolved).map_err(|error| Stop::Failed(Failure::from(error)))?;
        beginning.observed = Some(observed);
        Ok(())
    }

    async fn carry_out(
        &mut self,
        run: &mut Run<'_>,
        catalog: &Catalog,
        observed: &Observed,
    ) -> Result<(), Failure> {
        match &self.found {
            Some(target) => target.steps(run, self.options, catalog, observed).await,
            None => Ok(()),
        }
    }

    fn hooks(&self, _: &Catalog, _: &Observed) -> RunHooks {
        self.found.as_ref().map(|target| target.hooks(self.options)).unwrap_or_default()
    }
}

/// The plan of a run to a release, without any effect.
pub(super) async fn plan(
    ctx: &Context,
    stack: &StackRef,
    layout: &Layout,
    catalog: &Catalog,
    options: &RollbackOptions,
) -> Result<Plan> {
    let chosen = target(catalog, layout, options, &*ctx.store)?;
    let switches = !options.with_data;
    let found_up = switches.then(|| warm(ctx, layout, catalog, &chosen)).flatten();
    let (mut target, observed) = Restoration::find(ctx, stack, layout, catalog, chosen).await?;
    if options.with_data {
        let folder = chosen::data_at(catalog, layout, options)?;
        target.find_data(ctx, layout.directory(), &observed, folder).await?;
    }
    let only = target.scope.as_ref().map(|scope| &scope.services);
    let stand_ins = found_up.map(|found| up::planned(&found, only)).unwrap_or_default();
    let images = target.images(ctx, layout, &observed, &BTreeMap::new()).await?;
    let source = CreateFrom::Compose(&target.stack);
    let transaction = target.transaction(&observed, options, source, &images, stand_ins.clone());
    let mut plan = transaction.plan(ctx).await?;
    if options.stays {
        target.runs_as_released(&plan)?;
    }
    target.whole(ctx, options)?;
    let hooks = target.hooks(options);
    let hooks = hooks.at(HookPoint::BeforeDeploy).map(RunHook::step);
    let has_files = !options.stays
        && target.scope.as_ref().is_none_or(|scope| !scope.files.release.files.is_empty());
    let mut first = if has_files { vec![Step::Files] } else { Vec::new() };
    first.splice(0..0, hooks);
    if observed.snapshot.is_some() {
        first.insert(0, Step::Backup);
    }
    if !target.absent.is_empty() {
        first.push(Step::Load { images: target.absent.clone() });
    }
    if !stand_ins.is_empty() {
        first.insert(0, Step::SwitchBack { services: stand_ins.into_keys().collect() });
    }
    plan.steps.splice(0..0, first);
    Ok(plan)
}
