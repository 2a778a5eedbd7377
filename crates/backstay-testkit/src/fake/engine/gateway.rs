//! Gateways: containers that hold host ports, with their routes beside them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use backstay_core::engine::{
    EngineError, EngineErrorKind, EngineResult, Gateway, GatewayRequest, HoldRequest, Status,
};
use backstay_core::ports::Gateways;
use backstay_core::routes::{Drained, Snapshot, Status as Figures};
use backstay_core::stack::{HeldPort, Port, Restart};
use serde_json::Value;

use super::port::FakeEngine;
use super::state::{EngineState, FakeContainer, Life, Spec};

/// The service of its container, which is none of the stack's.
const SERVICE: &str = "backstay-gateway";

/// What the fake gateways are made from.
const PROGRAM: &str = "sha256:gateway";

/// What a gateway has beside its container.
#[derive(Debug, Clone, PartialEq)]
pub struct FakeGateway {
    /// The host ports that it holds.
    pub ports: Vec<HeldPort>,
    /// Where it leads.
    pub routes: Snapshot,
}

impl EngineState {
    fn gateway(&self, id: &str) -> EngineResult<&FakeGateway> {
        self.gateways.get(id).filter(|_| self.containers.contains_key(id)).ok_or_else(|| {
            let message = format!("no such container: {id}");
            EngineError::new(EngineErrorKind::NotFound, "asking the gateway", message)
        })
    }

    /// One that answers.
    fn running_gateway(&self, id: &str) -> EngineResult<&FakeGateway> {
        let found = self.gateway(id)?;
        let status = self.get(id, "asking the gateway")?.life.status;
        if status == Status::Running {
            return Ok(found);
        }
        let message = format!("container {id} is not running");
        Err(EngineError::new(EngineErrorKind::Conflict, "asking the gateway", message))
    }

    fn create_gateway(&mut self, request: &GatewayRequest<'_>) -> EngineResult<String> {
        let refuse = |kind, message| EngineError::new(kind, "creating the gateway", message);
        if self.containers.values().any(|container| container.name == request.name) {
            let message = format!("the name {:?} is in use", request.name);
            return Err(refuse(EngineErrorKind::Conflict, message));
        }
        if let Some(gone) = request.networks.iter().find(|n| !self.networks.contains_key(*n)) {
            let message = format!("network {gone} not found");
            return Err(refuse(EngineErrorKind::NotFound, message));
        }
        let id = self.new_id(request.name);
        let ports = request.ports.iter().map(|held| Port {
            host_ip: held.host_ip.clone(),
            published: Some((held.host, held.host)),
            target: held.at,
            protocol: "tcp".to_owned(),
        });
        let spec = Spec {
            ports: ports.collect(),
            restart: Restart::Always,
            healthcheck: None,
            mounts: Vec::new(),
            grace: Duration::from_secs(2),
            lives_in: None,
            host_network: false,
            definition: Arc::new(Value::Null),
        };
        let container = FakeContainer {
            id: id.clone(),
            name: request.name.to_owned(),
            project: Some(request.project.to_owned()),
            service: SERVICE.to_owned(),
            number: 1,
            image: String::new(),
            image_ref: SERVICE.to_owned(),
            run: Some(request.run.to_owned()),
            fingerprint: None,
            rehearsal: false,
            replaces: Vec::new(),
            compose_hash: None,
            one_off: true,
            spec,
            networks: request.networks.iter().map(|n| (n.clone(), Vec::new())).collect(),
            life: Life::new(),
            files: Vec::new(),
            logs: Vec::new(),
            created: self.now,
        };
        self.containers.insert(id.clone(), container);
        let gateway = FakeGateway { ports: request.ports.to_vec(), routes: request.routes.clone() };
        self.gateways.insert(id.clone(), gateway);
        Ok(id)
    }

    /// Those of a project, as the port tells of them.
    fn gateways_of(&self, project: &str) -> Vec<Gateway> {
        let of_project = self.gateways.iter().filter_map(|(id, gateway)| {
            let container = self.containers.get(id)?;
            (container.project.as_deref() == Some(project)).then(|| Gateway {
                id: id.clone(),
                name: container.name.clone(),
                run: container.run.clone(),
                running: container.life.status == Status::Running,
                ports: gateway.ports.clone(),
                networks: container.networks.keys().cloned().collect(),
                program: PROGRAM.to_owned(),
            })
        });
        of_project.collect()
    }
}

#[async_trait]
impl Gateways for FakeEngine {
    async fn gateways(&self, project: &str) -> EngineResult<Vec<Gateway>> {
        self.read("gateways", |world| Ok(world.engine.gateways_of(project))).await
    }

    async fn gateway_program(&self) -> EngineResult<String> {
        self.read("gateway_program", |_| Ok(PROGRAM.to_owned())).await
    }

    async fn create_gateway(&self, request: &GatewayRequest<'_>) -> EngineResult<String> {
        let point = format!("create_gateway {}", request.name);
        self.change(point, |world| world.engine.create_gateway(request)).await
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

    // A hold and its end leave nothing behind: it goes with the process that has it.
    async fn hold(&self, id: &str, hold: &HoldRequest) -> EngineResult<()> {
        let point = format!("hold {}", hold.service);
        self.change(point, |world| world.engine.running_gateway(id).map(|_| ())).await
    }

    async fn open(&self, id: &str, service: &str) -> EngineResult<()> {
        let point = format!("open {service}");
        self.change(point, |world| world.engine.running_gateway(id).map(|_| ())).await
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

/// Gateways by the id of their container.
pub type FakeGateways = BTreeMap<String, FakeGateway>;
