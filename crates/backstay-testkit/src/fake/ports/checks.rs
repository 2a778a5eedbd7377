//! What containers can be asked.

use std::collections::BTreeSet;

use async_trait::async_trait;
use backstay_core::engine::{Answer, EngineResult, HostPorts, OwnChecks, Status};
use backstay_core::ports::Checks;
use backstay_core::stack::Probe;

use super::engine::FakeEngine;
use crate::fake::engine::FakeContainer;

/// Where a container listens of which nothing says where.
const SOME_PORT: u16 = 8080;

#[async_trait]
impl Checks for FakeEngine {
    async fn probe(&self, id: &str, _: &Probe) -> EngineResult<Answer> {
        self.read("probe", |world| {
            let container = world.engine.get(id, "asking")?;
            let age = world.now.saturating_sub(container.life.started.unwrap_or_default());
            Ok(match container.life.status {
                Status::Running if world.engine.behaviour(container).passes(age) => Answer::Passed,
                Status::Running => Answer::Failed("503 Service Unavailable".to_owned()),
                _ => Answer::Failed("it does not run".to_owned()),
            })
        })
        .await
    }

    async fn own_checks(&self, id: &str) -> EngineResult<OwnChecks> {
        self.read("own_checks", |world| {
            let container = world.engine.containers.get(id);
            Ok(container.map(FakeContainer::own_checks).unwrap_or_default())
        })
        .await
    }

    async fn listening(&self, id: &str) -> EngineResult<Option<BTreeSet<u16>>> {
        self.read("listening", |world| {
            let container = world.engine.get(id, "asking")?;
            let age = world.now.saturating_sub(container.life.started.unwrap_or_default());
            let listens = world.engine.behaviour(container).passes(age);
            let runs = container.life.status == Status::Running;
            let mut ports = container.own_checks().ports;
            ports.extend(container.said_ports());
            ports.extend(world.engine.held_for(&container.service));
            if ports.is_empty() {
                // All of them serve somebody.
                ports.insert(SOME_PORT);
            }
            Ok((runs && listens).then_some(ports))
        })
        .await
    }

    async fn has_visitors(&self, _: &str, _: &str) -> EngineResult<Option<bool>> {
        // Nobody who has come stays.
        self.read("has_visitors", |_| Ok(Some(false))).await
    }

    async fn host_ports(&self, _: &str) -> EngineResult<HostPorts> {
        // No way to one of its ports ever gets lost.
        self.read("host_ports", |_| Ok(HostPorts::default())).await
    }
}
