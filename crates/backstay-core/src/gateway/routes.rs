//! From a model and its containers to the routes of a gateway.

use std::collections::{BTreeMap, BTreeSet};

use backstay_routes::{FORMAT, Listener, Route, Service, Side, Snapshot, Target};

use crate::plan::Wish;
use crate::stack::Model;

/// The share of a container where nothing says otherwise.
const WEIGHT: u8 = 100;

/// The routes that a new gateway begins with. `targets` are the containers of each service.
pub(crate) fn first_routes(
    model: &Model,
    wish: &Wish,
    mut targets: BTreeMap<String, Vec<Target>>,
    generation: u64,
) -> Snapshot {
    let names: BTreeSet<&str> = wish.ports.iter().map(|port| port.service.as_str()).collect();
    let services = names.into_iter().map(|name| {
        let settings = model.gateway.of(name);
        let grace = model.services.get(name).map(|service| service.stop_grace).unwrap_or_default();
        let (drain, stream_drain) = settings.drains(grace);
        let service = Service {
            targets: targets.remove(name).unwrap_or_default(),
            drain: drain.as_secs(),
            stream_drain: stream_drain.as_secs(),
            proxy_protocol: settings.proxy_protocol,
        };
        (name.to_owned(), service)
    });
    let listeners = wish.ports.iter().map(|port| Listener {
        port: port.at,
        mode: model.gateway.of(&port.service).mode,
        side: Side::Outside,
        label: port.label(),
        routes: vec![Route { subnets: Vec::new(), service: port.service.clone(), to: port.target }],
    });
    Snapshot {
        format: FORMAT,
        generation,
        project: model.project.clone(),
        services: services.collect(),
        listeners: listeners.collect(),
    }
}

pub(crate) fn target(id: &str, name: &str, release: &str) -> Target {
    Target {
        id: id.to_owned(),
        name: name.to_owned(),
        address: None,
        release: release.to_owned(),
        weight: WEIGHT,
    }
}

/// The services whose routes do not lead to exactly these containers.
pub(crate) fn strays(
    routes: &Snapshot,
    live: &BTreeMap<String, BTreeSet<String>>,
) -> BTreeSet<String> {
    let none = BTreeSet::new();
    let other = routes.services.iter().filter(|(name, service)| {
        let led: BTreeSet<String> = service.targets.iter().map(|to| to.id.clone()).collect();
        live.get(*name).unwrap_or(&none) != &led
    });
    other.map(|(name, _)| name.clone()).collect()
}
