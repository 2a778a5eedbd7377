//! The gateways of stacks: containers that hold host ports, so that what stands behind them can change.

use async_trait::async_trait;
use backstay_routes::{Drained, Snapshot, Status, Way};

use crate::engine::{EngineResult, Gateway, GatewayRequest, HoldRequest};

/// Gateways: found, made, told where to lead.
#[async_trait]
pub trait Gateways: Send + Sync {
    /// The project's gateways in any state: the live one, and those that a run has not made live yet or keeps for its undo.
    async fn gateways(&self, project: &str) -> EngineResult<Vec<Gateway>>;

    /// Creates a gateway, with the image that it needs. It is not started.
    async fn create_gateway(&self, request: &GatewayRequest<'_>) -> EngineResult<String>;

    /// Removes the images of gateways that no gateway is made from. Idempotent.
    async fn remove_gateway_images(&self) -> EngineResult<()>;

    /// The routes that a gateway has, running or not.
    async fn routes(&self, id: &str) -> EngineResult<Snapshot>;

    /// Gives a gateway that runs other routes, which hold from the return on.
    async fn set_routes(&self, id: &str, routes: &Snapshot) -> EngineResult<()>;

    /// Whether a gateway answers and its routes are in force.
    async fn gateway_answers(&self, id: &str) -> EngineResult<bool>;

    /// What a gateway that runs finds where its routes lead; `None` where it is too old to look.
    async fn ways(&self, id: &str) -> EngineResult<Option<Vec<Way>>>;

    /// From the return on, what arrives for a service waits. It ends with [`open`](Self::open), with this process, and where
    /// each has waited for its time. Idempotent.
    async fn hold(&self, id: &str, hold: &HoldRequest) -> EngineResult<()>;

    /// Lets what waits for a service go. Idempotent.
    async fn open(&self, id: &str, service: &str) -> EngineResult<()>;

    /// Waits until nothing is under way to a container of a service any more, at most this many milliseconds.
    async fn drain(
        &self,
        id: &str,
        service: &str,
        target: &str,
        within_ms: u64,
    ) -> EngineResult<Drained>;

    /// Lets a gateway that runs go on with the program that new ones are made from, without an end of its connections. Returns its
    /// version.
    async fn upgrade_gateway(&self, id: &str) -> EngineResult<String>;

    /// What a gateway has counted.
    async fn gateway_status(&self, id: &str) -> EngineResult<Status>;

    /// The same as Prometheus' text.
    async fn gateway_metrics(&self, id: &str) -> EngineResult<String>;
}
