//! What workers say, and what follows from it.

use super::binaries;
use super::children::kill;
use super::keeper::{Keeper, Role, Worker};
use crate::channel::{Port, Received, ToSupervisor, ToWorker};
use crate::log::say;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// A worker that lives no longer has died young.
const YOUNG: Duration = Duration::from_secs(2);
/// After so many young deaths the image's own program has its turn.
const PATIENCE: u32 = 3;
/// No wait between two starts is longer.
const LONGEST: Duration = Duration::from_secs(2);

impl Keeper {
    /// Hears one message of a worker. `false`: there was none, and there will be none.
    pub(super) fn hear(&mut self, pid: u32) -> bool {
        let Some(worker) = self.find(pid) else { return false };
        let Received { message, mut sockets } = match worker.link.receive::<ToSupervisor>() {
            Ok(Some(received)) => received,
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                say!("worker {pid} said what can't be read: {error}");
                return true;
            }
            // Its end is heard of when it is reaped.
            Ok(None) | Err(_) => return false,
        };
        match message {
            ToSupervisor::Bound { port: Port(port) } => {
                if let Some(socket) = sockets.pop() {
                    self.ports.insert(port, socket);
                }
            }
            ToSupervisor::Unbound { port: Port(port) } => drop(self.ports.remove(&port)),
            ToSupervisor::Ready { version } => self.ready(pid, version),
            ToSupervisor::Retiring => self.retiring(pid),
            ToSupervisor::Upgrade { binary } => self.upgrade(pid, binary),
        }
        true
    }

    /// Hears what a worker has said before its end.
    pub(super) fn hear_all(&mut self, pid: u32) {
        let Some(worker) = self.find(pid) else { return };
        if worker.link.set_nonblocking(true).is_ok() {
            while self.hear(pid) {}
        }
    }

    fn ready(&mut self, pid: u32, version: String) {
        let Some(worker) = self.find(pid) else { return };
        let binary = worker.binary.clone();
        let replaces = match worker.role {
            Role::Starting { replaces } => replaces,
            _ => return,
        };
        let from = replaces.filter(|old| self.find(*old).is_some());
        match from {
            Some(from) => {
                self.set_role(pid, Role::Taking { from, version });
                self.tell(from, &ToWorker::Retire);
            }
            None => {
                self.set_role(pid, Role::Serving);
                // The one that it was to replace has died meanwhile.
                if replaces.is_some() {
                    self.tell(pid, &ToWorker::Lead);
                }
                self.took_over(binary);
            }
        }
    }

    fn retiring(&mut self, pid: u32) {
        self.set_role(pid, Role::Retiring);
        let taker = self.workers.iter().find_map(|worker| match &worker.role {
            Role::Taking { from, version } if *from == pid => {
                Some((worker.pid, version.clone(), worker.binary.clone()))
            }
            _ => None,
        });
        let Some((taker, version, binary)) = taker else { return };
        self.set_role(taker, Role::Serving);
        self.tell(taker, &ToWorker::Lead);
        self.tell(pid, &ToWorker::Upgraded { pid: taker, version });
        self.took_over(binary);
    }

    /// A worker serves. Its program is the one to start from now on, and to be.
    fn took_over(&mut self, binary: PathBuf) {
        self.binary.clone_from(&binary);
        if binaries::is_other(&binary) {
            self.become_next = Some(binary);
        } else {
            binaries::keep(&self.folder, &self.image, &binary);
        }
    }

    fn upgrade(&mut self, pid: u32, binary: Option<PathBuf>) {
        let is_serving = self.find(pid).is_some_and(|worker| worker.role == Role::Serving);
        let alone =
            self.workers.iter().all(|worker| worker.pid == pid || worker.role == Role::Retiring);
        if self.stops() || !is_serving || !alone {
            let why = "another worker is about to start, or the gateway stops".to_owned();
            return self.tell(pid, &ToWorker::NotUpgraded { why });
        }
        let binary = binary.unwrap_or_else(|| self.binary.clone());
        if let Err(error) = self.start(&binary, Some(pid)) {
            self.tell(pid, &ToWorker::NotUpgraded { why: error.to_string() });
        }
    }

    /// A worker is no more.
    pub(super) fn worker_ended(&mut self, worker: &Worker, how: &str) {
        let pid = worker.pid;
        let _ = std::fs::remove_file(self.folder.retiring(pid));
        match &worker.role {
            Role::Retiring => {}
            Role::Starting { replaces: Some(old) } if self.find(*old).is_some() => {
                let why = format!("the new worker {how} before it was ready; its log says why");
                self.tell(*old, &ToWorker::NotUpgraded { why });
                return;
            }
            Role::Taking { from, .. } if self.find(*from).is_some() => {
                // The old one has stopped accepting, or is about to. It does not come back.
                let why = format!("the new worker {how} when it took over");
                self.tell(*from, &ToWorker::NotUpgraded { why });
            }
            _ if !self.stops() => say!("worker {pid} {how}"),
            _ => {}
        }
        // A worker that waits for this one to retire waits no longer.
        let taker = self.workers.iter().find_map(|other| match &other.role {
            Role::Taking { from, .. } if *from == pid => Some((other.pid, other.binary.clone())),
            _ => None,
        });
        if let Some((taker, binary)) = taker {
            self.set_role(taker, Role::Serving);
            self.tell(taker, &ToWorker::Lead);
            self.took_over(binary);
        }
        if !self.has_server() && !self.stops() && self.start_at.is_none() {
            self.plan_start(worker.began.elapsed() < YOUNG);
        }
    }

    /// At once, unless the last ones have died young.
    pub(super) fn plan_start(&mut self, young: bool) {
        self.deaths = if young { self.deaths.saturating_add(1) } else { 0 };
        if self.deaths >= PATIENCE && self.binary != self.image {
            say!("`{}` does not last; back to the image's own", self.binary.display());
            binaries::forget(&self.folder);
            self.binary.clone_from(&self.image);
        }
        let wait = Duration::from_millis(50) * self.deaths.saturating_sub(1).min(40);
        self.start_at = Some(Instant::now() + wait.min(LONGEST));
    }

    pub(super) fn start_if_due(&mut self) {
        if self.start_at.is_none_or(|at| at > Instant::now()) || self.stops() {
            return;
        }
        self.start_at = None;
        let binary = self.binary.clone();
        if let Err(error) = self.start(&binary, None) {
            say!("no worker: {error}");
            self.plan_start(true);
        }
    }

    pub(super) fn tell(&mut self, pid: u32, message: &ToWorker) {
        let Some(worker) = self.find(pid) else { return };
        // One that does not hear any more is killed, so that its end is heard of.
        if let Err(error) = worker.link.send(message, &[]) {
            say!("worker {pid} does not hear: {error}");
            kill(pid);
        }
    }

    fn set_role(&mut self, pid: u32, role: Role) {
        if let Some(worker) = self.find(pid) {
            worker.role = role;
        }
    }
}
