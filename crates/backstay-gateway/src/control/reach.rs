//! Whether anybody is found where the routes lead.

use super::controller::Controller;
use crate::client::dial_in_time;
use crate::route::Target;
use backstay_routes::{Found, Way};
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::task::JoinSet;

impl Controller {
    /// Connects to all ports of all targets, all at once, and says nothing there. It does not count as use.
    pub(super) async fn reach(&self) -> Vec<Way> {
        let table = self.shared.table();
        let routes = table.snapshot.listeners.iter().flat_map(|listener| &listener.routes);
        let led: BTreeSet<(&str, u16)> =
            routes.map(|route| (route.service.as_str(), route.to)).collect();
        let mut looks = JoinSet::new();
        for (name, port) in led {
            let Some(service) = table.services.get(name) else { continue };
            for (target, _) in &service.targets {
                let (target, nameserver) = (Arc::clone(target), self.shared.nameserver);
                let service = name.to_owned();
                looks.spawn(async move {
                    let found = look(&target, port, nameserver).await;
                    Way { service, target: target.id.clone(), port, found }
                });
            }
        }
        let mut ways = looks.join_all().await;
        ways.sort();
        ways
    }
}

/// What is found at a target: the best of what is found at its addresses.
async fn look(target: &Target, port: u16, nameserver: SocketAddr) -> Found {
    let mut best = Found::Nowhere;
    for address in target.addresses(nameserver).await {
        let found = match dial_in_time(SocketAddr::new(address, port)).await {
            Ok(_) => return Found::Accepts,
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => Found::Refuses,
            Err(_) => Found::Silent,
        };
        best = best.min(found);
    }
    best
}
