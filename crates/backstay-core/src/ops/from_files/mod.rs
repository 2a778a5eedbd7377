//! A run from files: the stack's own, or those of a backup that the old scripts wrote.

mod look;
mod outlook;
mod record;
mod steps;

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::basis::Basis;
use super::beginning::Beginning;
use super::certificate;
use super::conduct::{Stop, Target, conduct};
use super::gateway::GatewayChoice;
use super::options::DeployOptions;
use super::recorded::{all_writers, backup_folder, fingerprints};
use super::report::RunReport;
use super::{preflight, room};
use crate::compose_version::{self, KEEPS_THE_NEWER};
use crate::context::Context;
use crate::engine::CreateFrom;
use crate::error::{Error, Result};
use crate::event::{Failure, RunKind};
use crate::hooks::RunHooks;
use crate::layout::Layout;
use crate::observed::{Observed, observe};
use crate::plan::{Desired, Manner, Plan};
use crate::release::Catalog;
use crate::release::{check_premises, variable};
use crate::run::Run;
use crate::run_record;
use crate::stack::{DataSet, Model, Pulled, Service, StackRef, Way};
use crate::steps::{DataWork, Transaction};

use look::Found;
use record::next_sequence;

/// A run from files.
pub(crate) struct FromFiles<'a> {
    stack: &'a StackRef,
    options: &'a DeployOptions,
    basis: Basis,
    found: Found,
    /// Whether it has been found out what can be without a lock.
    is_looked_at: bool,
}

/// The stack that it leads to, and how.
struct Deploy<'a> {
    stack: &'a StackRef,
    options: &'a DeployOptions,
    basis: &'a Basis,
    model: &'a Model,
    rendered: &'a str,
    certificate: Option<&'a certificate::Plan>,
}

impl<'a> FromFiles<'a> {
    pub(crate) fn new(stack: &'a StackRef, options: &'a DeployOptions, basis: Basis) -> Self {
        Self { stack, options, basis, found: Found::default(), is_looked_at: false }
    }

    /// The run.
    pub(crate) async fn run(mut self, ctx: &Context, layout: &Layout) -> Result<RunReport> {
        // Before the lock makes a folder: what can't begin changes nothing. But what an interrupted run left comes first,
        // whatever is wrong with the next one.
        check_premises(layout, &*ctx.store)?;
        if !run_record::may_be_open(layout, &*ctx.store)? {
            self.look_ahead(ctx, layout).await?;
        }
        let retention = self.options.retention;
        conduct(ctx, layout, &mut self, retention).await
    }

    /// Finds out what can be without a lock.
    async fn look_ahead(&mut self, ctx: &Context, layout: &Layout) -> Result<()> {
        self.found = self.look(ctx, layout).await?;
        self.is_looked_at = true;
        Ok(())
    }

    /// The plan, without any effect. The image of a service that is built is not known before it is built.
    pub(crate) async fn plan(mut self, ctx: &Context, layout: &Layout) -> Result<Plan> {
        self.look_ahead(ctx, layout).await?;
        let environment = self.found.placing.as_ref().map(|placing| placing.step.clone());
        let Some(deploy) = self.deploy() else {
            // What follows is known only when the template is in place.
            return Ok(Plan { steps: environment.into_iter().collect(), ..Plan::default() });
        };
        let catalog = Catalog::read(layout, &*ctx.store)?;
        let (model, rendered, orphans) = (deploy.model, deploy.rendered, self.options.orphans());
        let observed = observe(ctx, self.stack, model, rendered, &catalog, orphans).await?;
        let mut plan = deploy.outlook(ctx, &observed).await?;
        plan.steps.splice(0..0, environment);
        Ok(plan)
    }

    fn deploy(&self) -> Option<Deploy<'_>> {
        let (model, rendered) = self.found.model.as_ref()?;
        Some(Deploy {
            stack: self.stack,
            options: self.options,
            basis: &self.basis,
            model,
            rendered,
            certificate: self.found.certificate.as_ref(),
        })
    }
}

#[async_trait]
impl Target for FromFiles<'_> {
    fn kind(&self) -> RunKind {
        kind(&self.basis, self.options)
    }

    fn model(&self) -> Option<&Model> {
        self.found.model.as_ref().map(|(model, _)| model)
    }

    async fn begin(
        &mut self,
        ctx: &Context,
        layout: &Layout,
        is_as_found: bool,
    ) -> Result<Beginning> {
        if !self.is_looked_at || !is_as_found {
            self.look_ahead(ctx, layout).await?;
        }
        let catalog = Catalog::read(layout, &*ctx.store)?;
        let mut observed = None;
        if let Some((model, rendered)) = &self.found.model {
            let orphans = self.options.orphans();
            let now = observe(ctx, self.stack, model, rendered, &catalog, orphans).await?;
            if self.options.backup {
                preflight::vault(ctx, layout, &now)?;
                room::check(ctx, layout, &now, &coming(model, self.options)).await?;
                if self.options.data && now.snapshot.is_some() {
                    room::data(ctx, layout, model, &catalog).await?;
                }
            }
            observed = Some(now);
        }
        // Where it is not known yet, `Resolved` follows.
        let project = self.found.model.as_ref().map(|(model, _)| model.project.clone());
        let (project, target) = (project.unwrap_or_default(), self.basis.folder());
        Ok(Beginning { project, target, catalog, observed, flaw: None })
    }

    async fn settle(&mut self, run: &mut Run<'_>, beginning: &mut Beginning) -> Result<(), Stop> {
        self.place(run, beginning).await
    }

    async fn carry_out(
        &mut self,
        run: &mut Run<'_>,
        catalog: &Catalog,
        observed: &Observed,
    ) -> Result<(), Failure> {
        let Some(deploy) = self.deploy() else {
            // Without a template, there is a model or an error.
            return Err(Error::Model("there is no model".to_owned()).into());
        };
        deploy.steps(run, catalog, observed, &self.found).await
    }

    fn hooks(&self, catalog: &Catalog, observed: &Observed) -> RunHooks {
        let release = Catalog::id_of(next_sequence(catalog, observed));
        self.deploy().map(|deploy| deploy.hooks(release)).unwrap_or_default()
    }
}

const fn kind(basis: &Basis, options: &DeployOptions) -> RunKind {
    match &options.services {
        _ if basis.is_old() => RunKind::Rollback,
        Some(_) => RunKind::Update,
        None => RunKind::Deploy,
    }
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

impl Deploy<'_> {
    /// The hooks of a run that leads to this release.
    fn hooks(&self, release: String) -> RunHooks {
        let kind = kind(self.basis, self.options);
        RunHooks::of(self.model, kind, self.options.hooks, release)
    }

    /// The data that comes back by itself where the run fails before the new release writes: it is saved when its writers stand still.
    fn guarded(&self, observed: &Observed) -> Vec<DataSet> {
        let is_saved = self.options.data && self.options.backup && observed.snapshot.is_some();
        let is_there = |set: &&DataSet| match &set.way {
            Way::Dump(dump) => observed.live.iter().any(|found| found.service == dump.service),
            Way::Copy(_) => !observed.live.is_empty(),
        };
        let sets = self.model.data.values().filter(|set| set.restores && is_saved);
        sets.filter(is_there).cloned().collect()
    }

    /// What is done with it in this run.
    fn work(&self, run: &str, observed: &Observed) -> Option<DataWork<'_>> {
        let (sets, is_of_some) = (self.guarded(observed), self.options.services.is_some());
        let folder = backup_folder(run, is_of_some);
        let work = || DataWork { model: self.model, folder, sets: sets.clone(), coming: None };
        (!sets.is_empty()).then(work)
    }

    async fn transaction<'b>(
        &'b self,
        ctx: &Context,
        observed: &Observed,
        images: BTreeMap<String, Option<String>>,
        moves: BTreeMap<String, String>,
        hooks: RunHooks,
    ) -> Result<Transaction<'b>> {
        let value = |name: &str| variable(self.stack, name, &*ctx.store);
        let wanted = self.model.services.values().map(|service| {
            Ok((service.name.clone(), self.model.fingerprint(service, &*ctx.store, &value)?))
        });
        let guarded = self.guarded(observed);
        let before = observed.model();
        let models = [Some(self.model), before.as_ref()];
        let mistaken_by_compose = !self.model.gateway.ports.is_empty()
            && compose_version::parse(&ctx.engine.info().await?.compose) < KEEPS_THE_NEWER;
        Ok(Transaction {
            desired: Desired {
                mistaken_by_compose,
                still: all_writers(models.iter().flatten().copied(), &guarded),
                data: guarded.into_iter().map(|set| set.name).collect(),
                hooks: hooks.hooks.clone(),
                images,
                fingerprints: wanted.collect::<Result<_>>()?,
                only: self.options.services.clone(),
                ahead: self.options.ahead.clone(),
                pauses: self.options.pauses.clone(),
                takes_in: matches!(self.options.gateway, GatewayChoice::Enable { .. }),
                ..Desired::of(self.model)
            },
            moves,
            source: CreateFrom::Compose(self.stack),
            live: observed.live.clone(),
            fingerprints: fingerprints(observed),
            manner: Manner { rehearsal: self.options.rehearsal, rollback: self.basis.is_old() },
            stand_ins: BTreeMap::new(),
            monitor: self.options.monitor,
            wait_timeout: self.options.wait_timeout,
            data: None,
            hooks,
        })
    }
}
