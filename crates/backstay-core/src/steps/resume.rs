//! Starting containers again that stood still and stay as they are.

use std::collections::BTreeMap;

use super::transaction::Transaction;
use crate::engine::Container;
use crate::event::Failure;
use crate::gate::{Progress, pass, start_failure, subject};
use crate::plan::{Action, Plan, Step, Undo};
use crate::run::Run;

impl Transaction<'_> {
    pub(super) async fn resume(
        &self,
        run: &mut Run<'_>,
        plan: &Plan,
        services: &[String],
    ) -> Result<(), Failure> {
        let ctx = run.ctx;
        // One that did not run is to run now, where the plan says so.
        let starts = |service: &str| {
            plan.change(service).is_some_and(|change| change.action == Action::Start)
        };
        // In the order of dependencies, as the services are named.
        let mine = |name| self.live.iter().filter(move |container| &container.service == name);
        let is_meant = |container: &&Container| container.is_up() || starts(&container.service);
        let still: Vec<&Container> = services.iter().flat_map(mine).filter(is_meant).collect();
        let containers = still.iter().map(|container| container.id.clone()).collect();
        let effect = async {
            for container in &still {
                let failed = |error| start_failure(&container.service, &error);
                ctx.engine.start(&container.id).await.map_err(failed)?;
                let model = self.desired.model;
                if let Some(service) = model.services.get(&container.service) {
                    let mut at_gate =
                        subject(model, service, &container.id, self.wait_timeout, false);
                    at_gate.restarts = container.state.restarts;
                    pass(ctx, &[at_gate], &BTreeMap::new(), Progress::Quiet).await?;
                }
            }
            Ok(())
        };
        let step = Step::Resume { services: services.to_vec() };
        run.step(step, Undo::Start { containers }, effect).await
    }
}
