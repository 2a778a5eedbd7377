//! Routes in few words.

use super::gateway::free_port;
use super::server::Server;
use backstay_routes::{FORMAT, Listener, Mode, Route, Service, Side, Snapshot, Target};
use std::net::IpAddr;

/// Routes of one listener to one service, `app`.
#[derive(Clone)]
pub(crate) struct Routes {
    pub generation: u64,
    /// Where the gateway listens.
    pub port: u16,
    pub mode: Mode,
    pub side: Side,
    pub targets: Vec<Target>,
    pub to: u16,
    pub drain: u64,
    pub stream_drain: u64,
    pub proxy_protocol: bool,
}

/// A target at an address.
fn target(id: &str, address: IpAddr) -> Target {
    Target {
        id: id.into(),
        name: format!("name-{id}"),
        address: Some(address),
        release: format!("release-{id}"),
        weight: 100,
    }
}

impl Routes {
    /// To these servers, which all listen on the same port.
    pub(crate) fn to(servers: &[&Server]) -> Self {
        Self {
            generation: 1,
            port: free_port(),
            // Told: a machine that is busy takes a client's silence for a server's turn.
            mode: Mode::Http,
            side: Side::Outside,
            targets: targets(servers),
            to: servers.first().map_or(1, |server| server.address.port()),
            drain: 10,
            stream_drain: 10,
            proxy_protocol: false,
        }
    }

    pub(crate) fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    pub(crate) fn side(mut self, side: Side) -> Self {
        self.side = side;
        self
    }

    /// The next generation, to other servers.
    pub(crate) fn now_to(&self, servers: &[&Server]) -> Self {
        Self { generation: self.generation + 1, targets: targets(servers), ..self.clone() }
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        let service = Service {
            targets: self.targets.clone(),
            drain: self.drain,
            stream_drain: self.stream_drain,
            proxy_protocol: self.proxy_protocol,
        };
        Snapshot {
            format: FORMAT,
            generation: self.generation,
            project: "test".into(),
            services: [("app".to_owned(), service)].into(),
            listeners: vec![Listener {
                port: self.port,
                mode: self.mode,
                side: self.side,
                label: format!("0.0.0.0:{}", self.port),
                routes: vec![Route { subnets: Vec::new(), service: "app".into(), to: self.to }],
            }],
        }
    }
}

fn targets(servers: &[&Server]) -> Vec<Target> {
    servers.iter().map(|server| target(&server.name, server.address.ip())).collect()
}
