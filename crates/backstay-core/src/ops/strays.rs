//! What runs left on the engine whose journals are gone: the containers themselves say what each was made for.
//!
//! Old containers go only after the commit. So where one is gone whose place a new one was made to take, the run was committed,
//! and what is left of the old release goes. Where all are there, the old release comes back: it is whole, whether the run was
//! committed or not.

use std::collections::{BTreeMap, BTreeSet};

use super::report::RunReport;
use crate::context::Context;
use crate::engine::{Container, Created, Status};
use crate::error::Result;
use crate::event::{Event, Note, Outcome, RunKind};
use crate::layout::Layout;
use crate::naming::{
    build_repository, is_kept, is_temporary, is_warm, keep_tag, live_name, run_of,
};
use crate::release::{Catalog, runs};
use crate::stack::is_movable;

/// The runs that left something and have no journal here, oldest first.
///
/// # Errors
/// When the engine or the journals can't be read.
pub(crate) async fn find(ctx: &Context, layout: &Layout) -> Result<Vec<String>> {
    let Some((_, project)) = layout.owner() else { return Ok(Vec::new()) };
    let known: BTreeSet<String> = runs(layout, &*ctx.store)?.into_iter().collect();
    let all = ctx.engine.containers(project).await?;
    // Those that are still up after a commit are nobody's who was interrupted.
    let left = all.iter().filter(|container| !is_warm(&container.name));
    let found = left.filter_map(|container| run_of(&container.name)).map(str::to_owned);
    let tags = ctx.engine.tags(&build_repository(project)).await?;
    let builds = tags.iter().filter_map(|tag| tag.rsplit_once('-')).map(|(run, _)| run.to_owned());
    let found: BTreeSet<String> = found.chain(builds).filter(|run| !known.contains(run)).collect();
    Ok(found.into_iter().collect())
}

/// Brings the engine in order again.
///
/// # Errors
/// When the engine does not do what is asked; all of it can be repeated.
pub(crate) async fn clear(ctx: &Context, layout: &Layout) -> Result<Vec<RunReport>> {
    let Some((_, project)) = layout.owner() else { return Ok(Vec::new()) };
    let mut reports = Vec::new();
    // The newest first: what it replaced may be what an earlier one left.
    for run in find(ctx, layout).await?.into_iter().rev() {
        let all = ctx.engine.containers(project).await?;
        let left = Left::of(&run, &all);
        let outcome = match left.is_committed() {
            true => left.forward(ctx, project).await?,
            false => left.back(ctx, project).await?,
        };
        if is_forgotten(ctx, layout)? {
            // Nothing is to be stored any more that a run kept on the engine until it was.
            for container in &all {
                ctx.engine.untag(&keep_tag(project, &container.image)).await?;
            }
        }
        let note = Note::Recovered { run: run.clone(), outcome };
        ctx.reporter.report(&Event::Note { note });
        reports.push(RunReport {
            run,
            kind: RunKind::Deploy,
            outcome,
            failure: None,
            release: None,
            way_out: Vec::new(),
        });
    }
    Ok(reports)
}

/// Whether nothing at all is on record of the stack.
fn is_forgotten(ctx: &Context, layout: &Layout) -> Result<bool> {
    Ok(Catalog::look(layout, &*ctx.store)?.0.is_empty())
}

/// Lets the references of a project's containers lead to what they run again. For a run that was killed before it had made
/// anything but that, and of which nothing else is known than its mark.
///
/// # Errors
/// When the engine does not do what is asked.
pub(crate) async fn point_back(ctx: &Context, layout: &Layout) -> Result<()> {
    let Some((_, project)) = layout.owner() else { return Ok(()) };
    if is_forgotten(ctx, layout)? {
        let all = ctx.engine.containers(project).await?;
        for container in all.iter().filter(|container| !is_temporary(&container.name)) {
            point_to(ctx, container).await?;
        }
    }
    Ok(())
}

async fn point_to(ctx: &Context, container: &Container) -> Result<()> {
    let reference = &container.image_ref;
    if is_movable(reference)
        && ctx.engine.image(reference).await?.as_ref() != Some(&container.image)
    {
        ctx.engine.tag(&container.image, reference).await?;
    }
    Ok(())
}

/// What is left of a run.
struct Left<'a> {
    run: &'a str,
    all: &'a [Container],
    /// What ran before, under other names.
    old: Vec<&'a Container>,
    /// What has taken over.
    new: Vec<&'a Container>,
    /// Candidates and rehearsals.
    hidden: Vec<&'a Container>,
}

impl<'a> Left<'a> {
    fn of(run: &'a str, all: &'a [Container]) -> Self {
        let those =
            |wanted: &dyn Fn(&Container) -> bool| all.iter().filter(|c| wanted(c)).collect();
        let is_runs = |container: &Container| {
            run_of(&container.name) == Some(run) && !is_warm(&container.name)
        };
        Self {
            run,
            all,
            old: those(&|c| is_runs(c) && is_kept(&c.name)),
            new: those(&|c| c.run.as_deref() == Some(run) && !is_temporary(&c.name)),
            hidden: those(&|c| is_runs(c) && !is_kept(&c.name)),
        }
    }

    fn is_committed(&self) -> bool {
        let is_there = |id: &String| self.all.iter().any(|container| &container.id == id);
        let stayed =
            |found: &Container| is_warm(&found.name) && run_of(&found.name) == Some(self.run);
        self.all.iter().any(stayed) || self.new.iter().any(|new| !new.replaces.iter().all(is_there))
    }

    async fn forget_builds(&self, ctx: &Context, project: &str) -> Result<()> {
        let repository = build_repository(project);
        for tag in ctx.engine.tags(&repository).await? {
            if tag.rsplit_once('-').is_some_and(|(run, _)| run == self.run) {
                ctx.engine.untag(&format!("{repository}:{tag}")).await?;
            }
        }
        Ok(())
    }

    /// The new release stays.
    async fn forward(&self, ctx: &Context, project: &str) -> Result<Outcome> {
        for container in &self.hidden {
            end(ctx, container).await?;
        }
        for container in &self.old {
            ctx.engine.stop(&container.id).await?;
            ctx.engine.remove(&container.id, false).await?;
        }
        self.forget_builds(ctx, project).await?;
        Ok(Outcome::Deployed)
    }

    /// The old release comes back.
    async fn back(&self, ctx: &Context, project: &str) -> Result<Outcome> {
        // What only a late call of a run has made that is over takes nothing else with it.
        let is_begun = !self.old.is_empty() || self.hidden.iter().any(|c| !c.rehearsal);
        let new: Vec<&Container> = if is_begun { self.new.clone() } else { Vec::new() };
        let mut names: BTreeMap<&str, &BTreeMap<String, Vec<String>>> = BTreeMap::new();
        for container in &new {
            container.replaces.iter().for_each(|id| {
                let is_mine = |old: &&&Container| &old.id == id && old.number == container.number;
                if let Some(old) = self.old.iter().find(is_mine) {
                    names.insert(&old.id, &container.networks);
                }
            });
            ctx.engine.stop(&container.id).await?;
            let hidden = format!("{}{}", container.name, Created::suffix(self.run, false));
            ctx.engine.rename(&container.id, &hidden).await?;
            for network in container.networks.keys() {
                // Its address may have been the old one's.
                ctx.engine.leave(&container.id, network).await?;
            }
        }
        for old in &self.old {
            ctx.engine.rename(&old.id, live_name(&old.name)).await?;
            let named = names.get(old.id.as_str()).copied().cloned().unwrap_or_default();
            for (network, aliases) in &named {
                if old.networks.get(network).is_none_or(Vec::is_empty) {
                    ctx.engine.set_aliases(&old.id, network, aliases).await?;
                }
            }
            if old.state.status != Status::Running {
                ctx.engine.start(&old.id).await?;
            }
        }
        let gone: Vec<&Container> = new.iter().chain(&self.hidden).copied().collect();
        for container in &gone {
            end(ctx, container).await?;
        }
        let gone: BTreeSet<&str> = gone.iter().map(|container| container.id.as_str()).collect();
        for container in self.all {
            if !gone.contains(container.id.as_str()) {
                point_to(ctx, container).await?;
            }
        }
        self.forget_builds(ctx, project).await?;
        Ok(Outcome::RolledBack)
    }
}

/// Ends a container of a run as any of its service ends, and removes it with the volumes that were made for it alone.
async fn end(ctx: &Context, container: &Container) -> Result<()> {
    if ctx.engine.stop(&container.id).await.is_err() {
        // A hook that fails must not keep the old release out.
        ctx.engine.stop(&container.id).await?;
    }
    Ok(ctx.engine.remove(&container.id, true).await?)
}
