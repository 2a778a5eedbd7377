//! The numbers, put together.

use super::controller::{Controller, Routes};
use crate::route::{ServiceLive, Target};
use crate::stats::Counts;
use backstay_routes::{FORMAT, ListenerStatus, ServiceStatus, Status, TargetStatus};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

impl Controller {
    /// What was counted.
    pub(super) async fn status(&self) -> Status {
        let routes = self.routes.lock().await;
        let table = self.shared.table();
        let mut trouble = self.troubles();
        if self.shared.access_log.lost() > 0 {
            let lost = self.shared.access_log.lost();
            trouble.push(format!("{lost} lines of the access log were lost: nobody reads them"));
        }
        Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            format: FORMAT,
            pid: std::process::id(),
            uptime_ms: u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX),
            generation: table.snapshot.generation,
            project: table.snapshot.project.clone(),
            retiring: self.folder.all_retiring().len() as u64,
            trouble,
            listeners: table
                .snapshot
                .listeners
                .iter()
                .filter_map(|listener| {
                    let live = routes.registry.listeners.get(&listener.port)?;
                    Some(ListenerStatus {
                        port: live.port,
                        label: listener.label.clone(),
                        mode: live.mode,
                        side: live.side,
                        accepted: live.accepted.load(Relaxed),
                        connections_now: live.connections.load(Relaxed),
                        no_route: live.no_route.load(Relaxed),
                    })
                })
                .collect(),
            services: routes
                .registry
                .services
                .iter()
                .map(|(name, live)| (name.clone(), self.service(&routes, name, live)))
                .collect(),
        }
    }

    fn service(&self, routes: &Routes, name: &str, live: &ServiceLive) -> ServiceStatus {
        let table = self.shared.table();
        let current = table.services.get(name);
        let known = routes.registry.targets.get(name).map_or(&[][..], Vec::as_slice);
        let sum = Counts::default();
        sum.absorb(&live.counts);
        sum.absorb(&live.past);
        known.iter().for_each(|target| sum.absorb(&target.counts));
        let mut counters = sum.told();
        counters.requests_now = known.iter().map(|target| target.requests_now()).sum();
        counters.streams_now = known.iter().map(|target| target.streams_now()).sum();
        let weight = |target: &Arc<Target>| {
            let of = current?.targets.iter().find(|(one, _)| Arc::ptr_eq(one, target))?;
            Some(of.1)
        };
        ServiceStatus {
            shut: live.gate.is_shut(),
            held_now: live.gate.waiting(),
            held: live.gate.held(),
            counters,
            targets: known.iter().map(|target| told(target, weight(target))).collect(),
        }
    }
}

fn told(target: &Target, weight: Option<u8>) -> TargetStatus {
    let mut counters = target.counts.told();
    counters.requests_now = target.requests_now();
    counters.streams_now = target.streams_now();
    TargetStatus {
        id: target.id.clone(),
        name: target.name.clone(),
        release: target.release.clone(),
        weight: weight.unwrap_or(0),
        current: weight.is_some(),
        ejected_ms: target.out_ms(),
        counters,
    }
}
