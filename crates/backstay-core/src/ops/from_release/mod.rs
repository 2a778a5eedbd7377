//! A run to a kept release. It starts the old images beside the new ones, and is itself undone if it fails.

mod check;
mod chosen;
mod narrowed;
mod steps;

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::conduct::{Beginning, Stop, Target};
use super::options::RollbackOptions;
use super::{mounts, preflight, room};
use crate::context::Context;
use crate::engine::CreateFrom;
use crate::error::Result;
use crate::event::{Failure, RunKind};
use crate::layout::Layout;
use crate::observed::Observed;
use crate::plan::{Plan, Step};
use crate::release::Catalog;
use crate::run::Run;
use crate::stack::{Model, StackRef};

pub(crate) use check::Restoration;
pub(crate) use chosen::services_of;
pub(super) use chosen::{look, old, target};

/// A run to a release.
pub(crate) struct FromRelease<'a> {
    pub stack: &'a StackRef,
    pub options: &'a RollbackOptions,
    /// The release, once it has been looked at under the locks.
    pub found: Option<Restoration>,
}

#[async_trait]
impl Target for FromRelease<'_> {
    async fn begin(&mut self, ctx: &Context, layout: &Layout, _: bool) -> Result<Beginning> {
        let (catalog, flaw) = look(layout, self.options, &*ctx.store)?;
        let chosen = target(&catalog, layout, self.options, &*ctx.store)?;
        let named = chosen.folder.release.id.clone();
        let (mut target, observed) =
            Restoration::find(ctx, self.stack, layout, &catalog, chosen).await?;
        if self.options.with_data {
            target.find_data(ctx, &observed)?;
        }
        let coming = target.coming();
        preflight::check(ctx, layout, &target.model, &coming).await?;
        let files = mounts::files_of(&target.folder.release);
        let only = target.scope.as_ref().map(|scope| &scope.services);
        preflight::sources(ctx, &target.model, only, &coming, &files).await?;
        preflight::vault(ctx, layout, &observed)?;
        if let (true, Some(now)) = (self.options.data, &observed.snapshot) {
            room::data(ctx, layout, &Model::parse(&now.model)?, &catalog).await?;
        }
        // A link on the way to a file, something else in its place, or what can't be brought back: better now than half-way.
        target.whole(ctx, self.options)?;
        let project = target.model.project.clone();
        self.found = Some(target);
        let (kind, observed) = (RunKind::Rollback, Some(observed));
        Ok(Beginning { kind, project, target: Some(named), catalog, observed, flaw })
    }

    async fn settle(&mut self, _: &mut Run<'_>, _: &mut Beginning) -> Result<(), Stop> {
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
    let (mut target, observed) = Restoration::find(ctx, stack, layout, catalog, chosen).await?;
    if options.with_data {
        target.find_data(ctx, &observed)?;
    }
    let images = target.images(ctx, layout, &observed, &BTreeMap::new()).await?;
    let source = CreateFrom::Compose(&target.stack);
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
