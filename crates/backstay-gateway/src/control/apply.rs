//! New routes: whole or not at all.

use super::controller::{Bound, Controller, Routes};
use crate::channel::{Port, ToSupervisor};
use crate::log::say;
use crate::plane;
use crate::route::{ListenerLive, Phase};
use crate::state::keep_routes;
use backstay_routes::{Listener, Refusal, RefusalKind, Result, Snapshot};
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::sync::Arc;

impl Controller {
    /// Puts routes in force and writes them down. The order is that of what can fail.
    pub(super) async fn apply(&self, snapshot: Snapshot) -> Result<u64> {
        let mut routes = self.routes.lock().await;
        self.refuse_stale(&snapshot)?;
        if self.shared.phase() != Phase::Serving {
            // The worker that serves has bound and written down whatever there is to.
            return Ok(self.put_in_force(&mut routes, snapshot));
        }
        let mut new = Vec::new();
        for listener in &snapshot.listeners {
            if !routes.bound.contains_key(&listener.port) {
                new.push((listener.port, bind(listener)?));
            }
        }
        keep_routes(&self.folder, &snapshot)?;
        self.hold_on_to(&mut routes, new);
        self.no_trouble();
        Ok(self.put_in_force(&mut routes, snapshot))
    }

    /// The routes that were written down. What can't be bound is said, and all else is served.
    pub(crate) async fn restore(&self, snapshot: Snapshot) {
        let mut routes = self.routes.lock().await;
        let mut new = Vec::new();
        for listener in &snapshot.listeners {
            if !routes.bound.contains_key(&listener.port) {
                match bind(listener) {
                    Ok(socket) => new.push((listener.port, socket)),
                    Err(refusal) => self.trouble(refusal.message),
                }
            }
        }
        self.hold_on_to(&mut routes, new);
        self.put_in_force(&mut routes, snapshot);
    }

    fn refuse_stale(&self, snapshot: &Snapshot) -> Result<()> {
        let current = self.shared.table().snapshot.generation;
        if snapshot.generation > current {
            return Ok(());
        }
        let given = snapshot.generation;
        let message = format!("generation {given} is not newer than {current}, which is in force");
        Err(Refusal::new(RefusalKind::Stale, message))
    }

    /// The supervisor gets a copy of each socket, so that it outlives this process.
    fn hold_on_to(&self, routes: &mut Routes, sockets: Vec<(u16, TcpListener)>) {
        for (port, socket) in sockets {
            let bound = ToSupervisor::Bound { port: Port(port) };
            if let Err(error) = self.supervisor.send(&bound, &[socket.as_fd()]) {
                say!("the supervisor does not hear of port {port}: {error}");
            }
            routes.bound.insert(port, Bound { socket, live: None });
        }
    }

    fn put_in_force(&self, routes: &mut Routes, snapshot: Snapshot) -> u64 {
        let generation = snapshot.generation;
        let listeners = snapshot.listeners.clone();
        let table = routes.registry.table(snapshot);
        self.shared.put_in_force(table);
        let table = self.shared.table();
        routes.registry.retire_others(&table);
        if self.shared.phase() == Phase::Serving {
            self.listen_on(routes, &listeners);
        }
        generation
    }

    /// Accepts where the routes say so, and only there.
    fn listen_on(&self, routes: &mut Routes, listeners: &[Listener]) {
        let wanted = |port: &u16| listeners.iter().any(|listener| listener.port == *port);
        let gone: Vec<u16> = routes.bound.keys().copied().filter(|port| !wanted(port)).collect();
        for port in gone {
            routes.bound.remove(&port);
            routes.registry.listeners.remove(&port);
            let _ = self.supervisor.send(&ToSupervisor::Unbound { port: Port(port) }, &[]);
        }
        for listener in listeners {
            let Some(bound) = routes.bound.get_mut(&listener.port) else { continue };
            if bound.live.as_ref().is_some_and(|(live, _)| live.is(listener)) {
                continue;
            }
            let live = Arc::new(ListenerLive::new(listener));
            match self.plane.listen(&live, &bound.socket) {
                Ok(stop) => {
                    routes.registry.listeners.insert(listener.port, Arc::clone(&live));
                    bound.live = Some((live, stop));
                }
                Err(error) => {
                    self.trouble(format!("port {} is not served: {error}", listener.port));
                }
            }
        }
    }
}

fn bind(listener: &Listener) -> Result<TcpListener> {
    plane::bind(listener.port).map_err(|error| {
        let (port, label) = (listener.port, &listener.label);
        let message = format!("can't listen on port {port} (`{label}`): {error}");
        Refusal::new(RefusalKind::Bind, message)
    })
}
