//! What all threads look at.

use super::flight::Flight;
use super::service::Service;
use super::table::{Route, Table};
use super::target::Target;
use crate::access_log::AccessLog;
use crate::gate::Ticket;
use arc_swap::ArcSwap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use tokio::sync::{Notify, watch};

/// What the worker is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// To serve.
    Serving,
    /// Another worker accepts; what there is ends in its own time.
    Retiring,
    /// To end soon.
    Stopping,
}

/// The state of the data plane.
#[derive(Debug)]
pub(crate) struct Shared {
    table: ArcSwap<Table>,
    epoch: AtomicU64,
    /// Changes with the routes, and when a gate is shut or opened.
    pub changed: watch::Sender<u64>,
    pub phase: watch::Sender<Phase>,
    /// Connections that are open.
    pub connections: AtomicU64,
    /// What is under way over them: requests and streams.
    pub busy: AtomicU64,
    less: Notify,
    pub access_log: AccessLog,
    pub nameserver: SocketAddr,
}

/// What came of announcing oneself at a target.
#[derive(Debug)]
pub(crate) enum Admission {
    /// It is under way.
    Admitted(Flight),
    /// The service has no target.
    NoTarget,
    /// The routes have changed, or the service is held: begin again.
    Again,
}

impl Shared {
    pub(crate) fn new(table: Table, nameserver: SocketAddr) -> Self {
        Self {
            table: ArcSwap::from_pointee(table),
            epoch: AtomicU64::new(1),
            changed: watch::Sender::new(0),
            phase: watch::Sender::new(Phase::Serving),
            connections: AtomicU64::new(0),
            busy: AtomicU64::new(0),
            less: Notify::new(),
            access_log: AccessLog::default(),
            nameserver,
        }
    }

    /// The routes in force.
    pub(crate) fn table(&self) -> Arc<Table> {
        self.table.load_full()
    }

    /// Changes with every table.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(SeqCst)
    }

    /// Puts routes in force. Whoever is admitted from now on is admitted by them.
    pub(crate) fn put_in_force(&self, table: Table) {
        self.table.store(Arc::new(table));
        self.epoch.fetch_add(1, SeqCst);
        self.tell_change();
    }

    /// A gate has been shut or opened, or the routes are new.
    pub(crate) fn tell_change(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    /// A connection, a request or a stream has ended. Nobody wants to know before the end.
    pub(crate) fn tell_less(&self) {
        if self.phase() != Phase::Serving {
            self.less.notify_waiters();
        }
    }

    /// Waits until so many connections, and so many requests and streams are left, at most.
    pub(crate) async fn until_left(&self, connections: u64, busy: u64) {
        loop {
            let mut less = std::pin::pin!(self.less.notified());
            less.as_mut().enable();
            if self.connections.load(SeqCst) <= connections && self.busy.load(SeqCst) <= busy {
                return;
            }
            less.await;
        }
    }

    pub(crate) fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    /// The route of a connection, with the epoch in which it holds.
    pub(crate) fn route(&self, port: u16, local: IpAddr) -> (u64, Option<Route>) {
        // The epoch first: a table that comes in between makes the admission fail, and not succeed with old routes.
        let epoch = self.epoch();
        (epoch, self.table.load().route(port, local).cloned())
    }

    /// Announces something at the next target, and looks again whether routes and gate still say so. Whoever changes them and
    /// then counts what is under way counts it, or it sees the change here.
    pub(crate) fn admit(
        &self,
        epoch: u64,
        service: &Service,
        ticket: Option<Ticket>,
        tried: &[Arc<Target>],
        stream: bool,
    ) -> Admission {
        let Some(target) = service.pick(tried) else {
            return if self.epoch() == epoch { Admission::NoTarget } else { Admission::Again };
        };
        let flight = Flight::begin(target, stream);
        if self.epoch() == epoch && service.live.gate.lets(ticket) {
            Admission::Admitted(flight)
        } else {
            Admission::Again
        }
    }
}
