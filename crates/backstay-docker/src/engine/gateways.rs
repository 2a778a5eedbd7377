//! Gateways.

use async_trait::async_trait;
use backstay_core::engine::{EngineResult, Gateway, GatewayRequest, HoldRequest};
use backstay_core::ports::Gateways;
use backstay_routes::{Drained, Snapshot, Status, Way};

use super::DockerEngine;
use crate::container::from_inspect;
use crate::{containers, gateway};

impl DockerEngine {
    /// Makes sure that there is a program for a gateway, which can run on this engine.
    ///
    /// # Errors
    /// What is missing, or that the engine does not answer.
    pub async fn find_gateway_program(&self) -> EngineResult<()> {
        gateway::Program::find(self.connection().await?).await.map(|_| ())
    }
}

#[async_trait]
impl Gateways for DockerEngine {
    async fn gateways(&self, project: &str) -> EngineResult<Vec<Gateway>> {
        gateway::find(self.connection().await?, project).await
    }

    async fn create_gateway(&self, request: &GatewayRequest<'_>) -> EngineResult<String> {
        gateway::create(self.connection().await?, request, &self.state).await
    }

    async fn remove_gateway_images(&self) -> EngineResult<()> {
        gateway::remove_images(self.connection().await?).await
    }

    async fn routes(&self, id: &str) -> EngineResult<Snapshot> {
        gateway::read_routes(self.connection().await?, id).await
    }

    async fn set_routes(&self, id: &str, routes: &Snapshot) -> EngineResult<()> {
        let engine = self.connection().await?;
        let found = containers::inspect_one(engine, id).await?;
        match found.as_ref().map(from_inspect) {
            None => Ok(()),
            Some(found) if found.state.status == backstay_core::engine::Status::Running => {
                self.gateways.set_routes(engine, id, routes).await
            }
            Some(_) => gateway::write_routes(engine, id, routes).await,
        }
    }

    async fn gateway_answers(&self, id: &str) -> EngineResult<bool> {
        self.gateways.answers(self.connection().await?, id).await
    }

    async fn ways(&self, id: &str) -> EngineResult<Option<Vec<Way>>> {
        self.gateways.ways(self.connection().await?, id).await
    }

    async fn hold(&self, id: &str, hold: &HoldRequest) -> EngineResult<()> {
        self.gateways.hold(self.connection().await?, id, hold).await
    }

    async fn open(&self, id: &str, service: &str) -> EngineResult<()> {
        self.gateways.open(id, service).await
    }

    async fn drain(
        &self,
        id: &str,
        service: &str,
        target: &str,
        within_ms: u64,
    ) -> EngineResult<Drained> {
        let engine = self.connection().await?;
        gateway::Sessions::drain(engine, id, (service, target), within_ms).await
    }

    async fn upgrade_gateway(&self, id: &str) -> EngineResult<String> {
        gateway::upgrade(self.connection().await?, id).await
    }

    async fn gateway_status(&self, id: &str) -> EngineResult<Status> {
        self.gateways.status(self.connection().await?, id).await
    }

    async fn gateway_metrics(&self, id: &str) -> EngineResult<String> {
        self.gateways.metrics(self.connection().await?, id).await
    }
}
