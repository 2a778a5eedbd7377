//! Gateways: containers that hold host ports, with their routes beside them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use backstay_core::engine::{
    EngineError, EngineErrorKind, EngineResult, Gateway, GatewayRequest, Status,
};
use backstay_core::routes::{Found, Side, Way};
use backstay_core::stack::{Port, Restart};
use serde_json::Value;

use super::state::{EngineState, FakeContainer, FakeGateway, Life, Spec};

/// The service of its container, which is none of the stack's.
const SERVICE: &str = "backstay-gateway";

/// What the fake gateways are made from.
const PROGRAM: &str = "sha256:gateway";

impl FakeGateway {
    fn leads_to(&self, container: &FakeContainer) -> bool {
        let known = self.routes.services.get(&container.service);
        known.is_some_and(|to| to.targets.iter().any(|to| to.id == container.id))
    }

    fn leads_inside(&self, service: &str) -> bool {
        self.routes.listeners.iter().any(|listener| {
            listener.side == Side::Inside
                && listener.routes.iter().any(|route| route.service == service)
        })
    }
}

/// The names that a gateway has on a network.
fn names(request: &GatewayRequest<'_>, network: &str) -> Vec<String> {
    let named = request.inside.values().filter_map(|networks| networks.get(network));
    named.flatten().cloned().collect()
}

impl EngineState {
    pub(in crate::fake) fn gateway(&self, id: &str) -> EngineResult<&FakeGateway> {
        self.gateways.get(id).filter(|_| self.containers.contains_key(id)).ok_or_else(|| {
            let message = format!("no such container: {id}");
            EngineError::new(EngineErrorKind::NotFound, "asking the gateway", message)
        })
    }

    /// Whether a container that has no host ports itself, because a gateway that runs holds those of its service, is one of those
    /// that it leads to. Whoever is held does not notice.
    pub(super) fn is_led_to(&self, container: &FakeContainer) -> bool {
        let held = |gateway: &FakeGateway| {
            container.spec.ports.is_empty()
                && gateway.ports.iter().any(|held| held.service == container.service)
        };
        self.leading(container).all(|gateway| !held(gateway) || gateway.leads_to(container))
    }

    /// The gateways of its project that run.
    fn leading(&self, container: &FakeContainer) -> impl Iterator<Item = &FakeGateway> {
        let runs = |id: &String| {
            self.containers.get(id).is_some_and(|found| {
                found.life.status == Status::Running && found.project == container.project
            })
        };
        self.gateways.iter().filter(move |(id, _)| runs(id)).map(|(_, gateway)| gateway)
    }

    /// Whether its siblings find it under its service's name, in all its networks: itself, or through a gateway.
    pub(in crate::fake) fn is_found(&self, container: &FakeContainer) -> bool {
        container.networks.iter().all(|(network, names)| {
            let through = |gateway: &FakeGateway| {
                let named = gateway.inside.get(&container.service);
                named
                    .and_then(|named| named.get(network))
                    .is_some_and(|n| n.contains(&container.service))
                    && gateway.leads_inside(&container.service)
                    && gateway.leads_to(container)
            };
            names.contains(&container.service) || self.leading(container).any(through)
        })
    }

    /// Whether a gateway that runs leads to a container, whatever its names.
    pub(super) fn is_target(&self, container: &FakeContainer) -> bool {
        let runs = |id: &&String| {
            self.containers.get(*id).is_some_and(|found| found.life.status == Status::Running)
        };
        let mut running = self.gateways.iter().filter(|(id, _)| runs(id));
        running.any(|(_, gateway)| {
            let known = gateway.routes.services.get(&container.service);
            known.is_some_and(|to| to.targets.iter().any(|to| to.id == container.id))
        })
    }

    /// The ports of a service's containers that gateways hold host ports for.
    pub(in crate::fake) fn held_for(&self, service: &str) -> Vec<u16> {
        let ports = self.gateways.values().flat_map(|gateway| &gateway.ports);
        ports.filter(|held| held.service == service).map(|held| held.target).collect()
    }

    /// One that answers.
    pub(in crate::fake) fn running_gateway(&self, id: &str) -> EngineResult<&FakeGateway> {
        let found = self.gateway(id)?;
        let status = self.get(id, "asking the gateway")?.life.status;
        if status == Status::Running {
            return Ok(found);
        }
        let message = format!("container {id} is not running");
        Err(EngineError::new(EngineErrorKind::Conflict, "asking the gateway", message))
    }

    /// One that answers, to be told something.
    pub(in crate::fake) fn told(&mut self, id: &str) -> EngineResult<&mut FakeGateway> {
        self.running_gateway(id)?;
        self.gateways.get_mut(id).ok_or_else(|| {
            EngineError::new(EngineErrorKind::NotFound, "asking the gateway", "no gateway")
        })
    }

    /// Whoever held has ended: each gateway opens again by itself.
    pub(in crate::fake) fn open_all(&mut self) {
        self.gateways.values_mut().for_each(|gateway| gateway.held.clear());
    }

    /// What is held by gateways that run, one line each.
    pub(in crate::fake) fn held(&self) -> Vec<String> {
        let runs = |id: &str| {
            self.containers.get(id).is_some_and(|found| found.life.status == Status::Running)
        };
        let running = self.gateways.iter().filter(|(id, _)| runs(id));
        running
            .flat_map(|(_, gateway)| &gateway.held)
            .map(|name| format!("{name} is held"))
            .collect()
    }

    pub(in crate::fake) fn create_gateway(
        &mut self,
        request: &GatewayRequest<'_>,
    ) -> EngineResult<String> {
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
            inside: false,
            compose_hash: None,
            one_off: true,
            spec,
            networks: request.networks.iter().map(|n| (n.clone(), names(request, n))).collect(),
            life: Life::new(),
            files: Vec::new(),
            logs: Vec::new(),
            created: self.now,
        };
        self.containers.insert(id.clone(), container);
        let gateway = FakeGateway {
            ports: request.ports.to_vec(),
            inside: request.inside.clone(),
            routes: request.routes.clone(),
            held: BTreeSet::new(),
        };
        self.gateways.insert(id.clone(), gateway);
        Ok(id)
    }

    /// What a gateway finds where its routes lead. Whatever runs is taken to listen.
    pub(in crate::fake) fn ways(&self, id: &str) -> Vec<Way> {
        let (Some(gateway), Some(own)) = (self.gateways.get(id), self.containers.get(id)) else {
            return Vec::new();
        };
        let reached = |container: &FakeContainer| {
            let shared = container.networks.keys().filter(|name| own.networks.contains_key(*name));
            let mut shared = shared.filter(|name| !self.walls.contains(*name));
            shared.next().is_some()
        };
        let routes = gateway.routes.listeners.iter().flat_map(|listener| &listener.routes);
        let mut ways = Vec::new();
        for route in routes {
            let known = gateway.routes.services.get(&route.service);
            for target in known.iter().flat_map(|service| &service.targets) {
                let container = self.containers.get(&target.id);
                let found = match container.filter(|c| c.life.status == Status::Running) {
                    None => Found::Nowhere,
                    Some(container) if reached(container) => Found::Accepts,
                    Some(_) => Found::Silent,
                };
                let (service, target) = (route.service.clone(), target.id.clone());
                ways.push(Way { service, target, port: route.to, found });
            }
        }
        ways
    }

    /// Those of a project, as the port tells of them.
    pub(in crate::fake) fn gateways_of(&self, project: &str) -> Vec<Gateway> {
        let of_project = self.gateways.iter().filter_map(|(id, gateway)| {
            let container = self.containers.get(id)?;
            (container.project.as_deref() == Some(project)).then(|| Gateway {
                id: id.clone(),
                name: container.name.clone(),
                run: container.run.clone(),
                running: container.life.status == Status::Running,
                ports: gateway.ports.clone(),
                networks: container.networks.keys().cloned().collect(),
                inside: gateway.inside.clone(),
                program: PROGRAM.to_owned(),
            })
        });
        of_project.collect()
    }
}
