//! What the requests work on.

use super::holds::Holds;
use super::outcome::Upgrade;
use crate::channel::Link;
use crate::log::say;
use crate::plane::Plane;
use crate::route::{ListenerLive, Registry, Shared};
use crate::state::Folder;
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tokio::sync::watch;

/// The control plane of a worker.
#[derive(Debug)]
pub(crate) struct Controller {
    pub(super) shared: Arc<Shared>,
    pub(super) plane: Plane,
    pub(super) folder: Folder,
    pub(super) supervisor: Arc<Link>,
    /// Held while routes change, and during an upgrade.
    pub(super) routes: tokio::sync::Mutex<Routes>,
    pub(super) holds: Holds,
    pub(super) upgrade: Upgrade,
    pub(super) began: Instant,
    /// What is being answered: control connections of a worker that serves or did so, and each request.
    answering: watch::Sender<usize>,
    trouble: Mutex<Vec<String>>,
}

/// What changes with the routes.
#[derive(Debug)]
pub(super) struct Routes {
    pub registry: Registry,
    pub bound: BTreeMap<u16, Bound>,
}

/// A port on which the gateway listens.
#[derive(Debug)]
pub(super) struct Bound {
    pub socket: TcpListener,
    pub live: Option<(Arc<ListenerLive>, watch::Sender<()>)>,
}

/// Something that is being answered. The worker does not end before.
#[derive(Debug)]
pub(super) struct Answering(watch::Sender<usize>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

impl Controller {
    /// With the sockets that an earlier worker has bound.
    pub(crate) fn new(
        shared: Arc<Shared>,
        plane: Plane,
        folder: Folder,
        supervisor: Arc<Link>,
        threads: usize,
        sockets: Vec<(u16, TcpListener)>,
    ) -> Self {
        let bound = sockets
            .into_iter()
            .map(|(port, socket)| (port, Bound { socket, live: None }))
            .collect();
        Self {
            shared,
            plane,
            folder,
            supervisor,
            routes: tokio::sync::Mutex::new(Routes { registry: Registry::new(threads), bound }),
            holds: Holds::default(),
            upgrade: Upgrade::default(),
            began: Instant::now(),
            answering: watch::Sender::new(0),
            trouble: Mutex::default(),
        }
    }

    /// Says what is not as it should be, in the log and in the status.
    pub(crate) fn trouble(&self, words: String) {
        say!("{words}");
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).push(words);
    }

    pub(super) fn troubles(&self) -> Vec<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// New routes are in force, so that what was wrong with the ones before is past.
    pub(super) fn no_trouble(&self) {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Something is being answered, until this is dropped.
    pub(super) fn answering(&self) -> Answering {
        self.answering.send_modify(|count| *count += 1);
        Answering(self.answering.clone())
    }

    /// Waits until whatever was asked is answered.
    pub(crate) async fn until_answered(&self) {
        let _ = self.answering.subscribe().wait_for(|count| *count == 0).await;
    }

    /// The data plane's state.
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}
