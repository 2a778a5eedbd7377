//! What a run from files is going to do, as far as it is known before anything is built.

use std::collections::{BTreeMap, BTreeSet};

use super::Deploy;
use crate::context::Context;
use crate::error::Result;
use crate::observed::Observed;
use crate::ops::{certificate, directories, pulls};
use crate::plan::{Plan, Step};
use crate::stack::{HookPoint, RunHook, Service};
use crate::steps;

impl Deploy<'_> {
    /// The services that may change.
    pub(super) fn scope(&self) -> BTreeSet<String> {
        let all = self.model.services.keys().cloned();
        all.filter(|name| self.options.services.as_ref().is_none_or(|only| only.contains(name)))
            .collect()
    }

    /// The plan as far as it is known before anything is built: the image of a service that is built is not.
    pub(super) async fn outlook(&self, ctx: &Context, observed: &Observed) -> Result<Plan> {
        let (scope, hooks) = (self.scope(), self.hooks(String::new()));
        let others = self.model.services.values().filter(|service| !self.is_built(service, &scope));
        let there =
            steps::ids::ids(ctx, others.map(|service| service.image.clone()).collect()).await?;
        let known = |service: &Service| there.get(&service.image).cloned().flatten();
        let by_service: BTreeMap<String, Option<String>> = self
            .model
            .services
            .values()
            .map(|service| {
                (service.name.clone(), known(service).filter(|_| !self.is_built(service, &scope)))
            })
            .collect();
        let transaction =
            self.transaction(ctx, observed, by_service, BTreeMap::new(), hooks.clone());
        let transaction = transaction.await?;
        let mut plan = transaction.plan(ctx).await?;
        let in_scope = self.model.services.values().filter(|service| scope.contains(&service.name));
        let in_scope: Vec<&Service> = in_scope.collect();
        let is_built = |service: &&&Service| self.is_built(service, &scope);
        let built: BTreeSet<&str> =
            in_scope.iter().filter(is_built).map(|service| service.name.as_str()).collect();
        let pulled = pulls::decide(
            ctx,
            self.model,
            &in_scope,
            &built,
            self.options.pulling(self.basis),
            observed,
        );
        let pulled = pulled.await?.services;
        let mut first = Vec::new();
        if self.options.backup && observed.snapshot.is_some() {
            first.push(Step::Backup);
            let late = |name: &&String| !plan.steps.iter().any(|step| is_saved_by(step, name));
            let data: Vec<String> = self.model.data.keys().filter(late).cloned().collect();
            if self.options.data && !data.is_empty() {
                first.push(Step::SaveData { data });
            }
        }
        first.extend(plan.due(&hooks.hooks, HookPoint::BeforeDeploy).map(RunHook::step));
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
}

fn is_saved_by(step: &Step, name: &str) -> bool {
    matches!(step, Step::SaveData { data } if data.iter().any(|known| known == name))
}
