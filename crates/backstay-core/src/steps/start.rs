//! Starting containers that belong to the release and do not run.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;

use super::replace::stop;
use super::transaction::Transaction;
use super::trouble::Trouble;
use crate::context::Context;
use crate::engine::{Container, Status};
use crate::event::Failure;
use crate::gate::start_failure;
use crate::gate::{Progress, pass, subject};
use crate::plan::{Step, Undo};
use crate::run::Run;
use crate::stack::Model;

impl Transaction<'_> {
    pub(super) async fn start(
        &self,
        run: &mut Run<'_>,
        services: &[String],
    ) -> Result<(), Failure> {
        let ctx = run.ctx;
        // In the order of dependencies, as the services are named.
        let stopped: Vec<Container> = services
            .iter()
            .flat_map(|name| self.live.iter().filter(move |container| &container.service == name))
            .filter(|container| container.state.status != Status::Running)
            .cloned()
            .collect();
        let undo = Undo::Start {
            containers: stopped.iter().map(|container| container.id.clone()).collect(),
        };
        let effect = apply(ctx, self.desired.model, &stopped, self.wait_timeout);
        run.step(Step::Start { services: services.to_vec() }, undo, effect).await
    }
}

/// Starts containers that belong to the release and do not run.
async fn apply(
    ctx: &Context,
    model: &Model,
    containers: &[Container],
    wait_timeout: Option<Duration>,
) -> Result<(), Failure> {
    for container in containers {
        let failed = |error| start_failure(&container.service, &error);
        ctx.engine.start(&container.id).await.map_err(failed)?;
        if let Some(service) = model.services.get(&container.service) {
            let mut at_gate = subject(model, service, &container.id, wait_timeout, false);
            at_gate.restarts = container.state.restarts;
            pass(ctx, &[at_gate], &BTreeMap::new(), Progress::Told).await?;
        }
    }
    Ok(())
}

/// Stops containers that were started.
pub(super) async fn undo(ctx: &Context, containers: &[String]) -> Result<(), Trouble> {
    let stops = join_all(containers.iter().map(|id| stop(ctx, id))).await;
    Trouble::of(stops)
}

/// What a person does instead.
pub(super) fn by_hand(containers: &[String]) -> String {
    format!("docker stop {}", containers.join(" "))
}
