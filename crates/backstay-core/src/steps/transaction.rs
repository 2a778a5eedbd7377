//! The part that deploy and rollback share: from images and a plan to a verified stack, one journaled step at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::data_work::DataWork;
use super::ids::ids;
use super::leading;
use super::times::Times;
use super::{Made, facts};
use crate::borrowing;
use crate::context::Context;
use crate::engine::{Container, CreateFrom, EngineResult};
use crate::event::Failure;
use crate::gate::remember;
use crate::hooks::RunHooks;
use crate::plan::{Action, Change, Desired, Manner, Plan, Running, live_gateway, wish};
use crate::run::Run;

/// What a transaction works with.
pub(crate) struct Transaction<'a> {
    pub desired: Desired<'a>,
    /// What every reference of the stack is to point to.
    pub moves: BTreeMap<String, String>,
    pub source: CreateFrom<'a>,
    pub live: Vec<Container>,
    /// Fingerprints of live containers that do not carry one, by container.
    pub fingerprints: BTreeMap<String, String>,
    pub manner: Manner,
    /// Containers that are not live and to which the gateway leads for now, by service.
    pub stand_ins: BTreeMap<String, Vec<String>>,
    pub monitor: Option<Duration>,
    pub wait_timeout: Option<Duration>,
    /// What is done with data while its writers stand still.
    pub data: Option<DataWork<'a>>,
    /// The hooks of the run.
    pub hooks: RunHooks,
}

impl Transaction<'_> {
    /// The plan.
    pub(crate) async fn plan(&self, ctx: &Context) -> EngineResult<Plan> {
        let now = ids(ctx, self.moves.keys().cloned().collect()).await?;
        let stale_tags: BTreeSet<String> = self
            .moves
            .iter()
            .filter(|(reference, id)| now.get(*reference).and_then(Option::as_ref) != Some(*id))
            .map(|(reference, _)| reference.clone())
            .collect();
        let cut_off = borrowing::cut_off(ctx, self.desired.model, &self.live).await?;
        let gateway = live_gateway(ctx.engine.gateways(&self.desired.model.project).await?);
        let (astray, inside) =
            leading::now(ctx, self.desired.model, gateway.as_ref(), &self.live).await?;
        let running = Running {
            cut_off,
            containers: self.live.clone(),
            fingerprints: self.fingerprints.clone(),
            stale_tags,
            astray,
            inside,
            gateway,
            stand_ins: self.stand_ins.clone(),
        };
        // What is known beside the definitions decides only how something is replaced.
        let mut touched = Plan::touched(&self.desired, &running, self.manner);
        if wish(self.desired.model).is_some() && self.desired.only.is_none() {
            // Whom the gateway can carry is a matter of all of them.
            touched.extend(self.desired.model.services.keys().cloned());
        }
        if touched.is_empty() {
            return Ok(Plan::build(&self.desired, &running, self.manner));
        }
        let desired = facts::known(ctx, &self.desired, &self.live, &touched).await?;
        let mut plan = Plan::build(&desired, &running, self.manner);
        self.times().note(&desired, &mut plan);
        Ok(plan)
    }

    pub(super) const fn times(&self) -> Times<'_> {
        let (monitor, wait_timeout) = (self.monitor, self.wait_timeout);
        Times { model: self.desired.model, manner: self.manner, monitor, wait_timeout }
    }

    /// Takes the steps of the plan. Returns the live containers as they were verified.
    pub(crate) async fn execute(
        &self,
        run: &mut Run<'_>,
        plan: &Plan,
    ) -> Result<Vec<Container>, Failure> {
        let gateway = self.gateway_now(run.ctx).await?;
        let mut made = Made { gateway, ..Made::default() };
        let starting = |change: &&Change| change.creates() || change.action == Action::Start;
        let starting = plan.changes.iter().filter(starting).map(|change| change.service.clone());
        remember(run.ctx, &self.live, starting.collect()).await;
        for step in &plan.steps {
            self.take(run, plan, step, &mut made).await?;
        }
        Ok(made.verified)
    }
}
