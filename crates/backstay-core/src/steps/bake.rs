//! Watching what is new, and asking again those who depend on it.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;

use super::transaction::Transaction;
use crate::engine::{Created, Health, Status};
use crate::event::Failure;
use crate::gate::{Progress, Subject, pass, subject};
use crate::plan::{Action, Plan, Step, Undo};
use crate::run::Run;

/// How long those that depend on a replaced service may take to pass their own checks again.
const DEPENDANTS: Duration = Duration::from_secs(30);

impl Transaction<'_> {
    pub(super) async fn bake(
        &self,
        run: &mut Run<'_>,
        plan: &Plan,
        services: &[String],
        created: &[Created],
    ) -> Result<(), Failure> {
        let ctx = run.ctx;
        let model = self.desired.model;
        let started = self.live.iter().filter(|container| {
            plan.change(&container.service).is_some_and(|change| change.action == Action::Start)
        });
        let ids: Vec<(&str, &str)> = created
            .iter()
            .filter(|new| !new.rehearsal)
            .map(|new| (new.service.as_str(), new.id.as_str()))
            .chain(started.map(|container| (container.service.as_str(), container.id.as_str())))
            .collect();
        let looks = join_all(ids.iter().map(|(_, id)| ctx.engine.container(id))).await;
        let mut subjects = Vec::new();
        for ((name, id), look) in ids.iter().zip(looks) {
            let found = look.map_err(|error| Failure::from(error).at(name))?;
            let Some(service) = model.services.get(*name) else { continue };
            let mut at_gate = subject(model, service, id, self.wait_timeout, self.manner.rollback);
            // A container that had been started before may have restarts of its own.
            if !created.iter().any(|new| new.id == *id) {
                at_gate.restarts = found.map_or(0, |container| container.state.restarts);
            }
            subjects.push(at_gate);
        }
        let dependants = self.dependants(plan);
        let unhurried = self.unhurried();
        let untold = subjects.iter().filter(|s| unhurried.contains(&s.service)).cloned();
        let (untold, watch): (Vec<_>, _) = (untold.collect(), self.times().after_switch());
        let effect = async {
            pass(ctx, &untold, &BTreeMap::new(), Progress::Told).await?;
            pass(ctx, &dependants, &BTreeMap::new(), Progress::Quiet).await?;
            pass(ctx, &subjects, &watch, Progress::Quiet).await?;
            // Once more: what they had open may have lasted for a while.
            pass(ctx, &dependants, &BTreeMap::new(), Progress::Quiet).await
        };
        run.step(Step::Bake { services: services.to_vec() }, Undo::Nothing, effect).await
    }

    fn dependants(&self, plan: &Plan) -> Vec<Subject> {
        let model = self.desired.model;
        let replaced = |name: &&String| {
            plan.change(name).is_some_and(|change| change.action == Action::Replace)
        };
        let stays = self.live.iter().filter(|container| {
            container.state.status == Status::Running
                && container.state.health == Some(Health::Healthy)
                && plan.change(&container.service).is_some_and(|c| c.action == Action::Keep)
        });
        let subjects = stays.filter_map(|container| {
            let service = model.services.get(&container.service)?;
            service.depends_on.keys().find(replaced)?;
            let mut asked =
                subject(model, service, &container.id, self.wait_timeout, self.manner.rollback);
            asked.afresh = true;
            asked.deadline = asked.deadline.min(DEPENDANTS);
            // It may have been started anew by this run.
            asked.restarts = u32::MAX;
            Some(asked)
        });
        subjects.collect()
    }
}
