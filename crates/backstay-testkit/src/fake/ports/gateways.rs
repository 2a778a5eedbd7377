//! Gateways, as a process reaches them.

use async_trait::async_trait;
use backstay_core::engine::{
    EngineError, EngineErrorKind, EngineResult, Gateway, GatewayRequest, HoldRequest,
};
use backstay_core::ports::Gateways;
use backstay_core::routes::{Drained, Snapshot, Status as Figures, Way};

use super::engine::FakeEngine;

#[async_trait]
impl Gateways for FakeEngine {
    async fn gateways(&self, project: &str) -> EngineResult<Vec<Gateway>> {
        self.read("gateways", |world| Ok(world.engine.gateways_of(project))).await
    }

    async fn create_gateway(&self, request: &GatewayRequest<'_>) -> EngineResult<String> {
        let point = format!("create_gateway {}", request.name);
        self.change(point, |world| world.engine.create_gateway(request)).await
    }

    async fn remove_gateway_images(&self) -> EngineResult<()> {
        self.change("remove_gateway_images".to_owned(), |_| Ok(())).await
    }

    async fn routes(&self, id: &str) -> EngineResult<Snapshot> {
        self.read("routes", |world| Ok(world.engine.gateway(id)?.routes.clone())).await
    }

    async fn set_routes(&self, id: &str, routes: &Snapshot) -> EngineResult<()> {
        self.change(format!("set_routes {}", routes.generation), |world| {
            let now = world.engine.gateway(id)?;
            if routes.generation <= now.routes.generation {
                let message = "the snapshot is stale";
                let kind = EngineErrorKind::Conflict;
                return Err(EngineError::new(kind, "asking the gateway", message));
            }
            if let Some(gateway) = world.engine.gateways.get_mut(id) {
                gateway.routes = routes.clone();
            }
            Ok(())
        })
        .await
    }

    async fn gateway_answers(&self, id: &str) -> EngineResult<bool> {
        self.read("gateway_answers", |world| Ok(world.engine.running_gateway(id).is_ok())).await
    }

    async fn ways(&self, id: &str) -> EngineResult<Option<Vec<Way>>> {
        self.read("ways", |world| {
            world.engine.running_gateway(id)?;
            Ok(Some(world.engine.ways(id)))
        })
        .await
    }

    // It goes with the process that has it.
    async fn hold(&self, id: &str, hold: &HoldRequest) -> EngineResult<()> {
        let point = format!("hold {}", hold.service);
        self.change(point, |world| {
            world.engine.told(id)?.held.insert(hold.service.clone());
            Ok(())
        })
        .await
    }

    async fn open(&self, id: &str, service: &str) -> EngineResult<()> {
        let point = format!("open {service}");
        self.change(point, |world| {
            world.engine.told(id)?.held.remove(service);
            Ok(())
        })
        .await
    }

    async fn drain(
        &self,
        id: &str,
        service: &str,
        _target: &str,
        _within_ms: u64,
    ) -> EngineResult<Drained> {
        let point = format!("drain {service}");
        self.change(point, |world| world.engine.running_gateway(id).map(|_| Drained::default()))
            .await
    }

    async fn upgrade_gateway(&self, id: &str) -> EngineResult<String> {
        let point = "upgrade_gateway".to_owned();
        self.change(point, |world| world.engine.running_gateway(id).map(|_| "1.0.0".to_owned()))
            .await
    }

    async fn gateway_status(&self, id: &str) -> EngineResult<Figures> {
        self.read("gateway_status", |world| {
            let gateway = world.engine.running_gateway(id)?;
            Ok(Figures { generation: gateway.routes.generation, ..Figures::default() })
        })
        .await
    }

    async fn gateway_metrics(&self, id: &str) -> EngineResult<String> {
        self.read("gateway_metrics", |world| {
            world.engine.running_gateway(id).map(|_| String::new())
        })
        .await
    }
}
