//! Starting workers, and hearing of their end.

use super::keeper::{Keeper, READY, Role, Worker};
use crate::channel::{Link, Port, ToWorker};
use crate::log::say;
use rustix::process::{Pid, Signal, WaitOptions, kill_process, wait};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

impl Keeper {
    /// Starts a worker. It gets the sockets, and says when it serves.
    pub(super) fn start(&mut self, binary: &Path, replaces: Option<u32>) -> io::Result<u32> {
        let (own, other) = Link::pair()?;
        // The program that runs may be one whose file is replaced already.
        let is_own = std::env::current_exe().is_ok_and(|exe| exe == binary);
        let program = if is_own { Path::new("/proc/self/exe") } else { binary };
        let child = Command::new(program)
            .arg0("backstay-gateway")
            .arg("worker")
            .stdin(Stdio::from(other.into_fd()))
            .spawn()
            .map_err(|error| {
                io::Error::new(error.kind(), format!("can't run `{}`: {error}", binary.display()))
            })?;
        let mut sockets: Vec<BorrowedFd<'_>> = vec![self.control.as_fd()];
        sockets.extend(self.ports.values().map(AsFd::as_fd));
        let start = ToWorker::Start {
            settings: self.settings.clone(),
            ports: self.ports.keys().copied().map(Port).collect(),
            lead: replaces.is_none(),
            strict: replaces.is_some(),
        };
        // Where it is gone already, its end is heard of like any other.
        if let Err(error) = own.send(&start, &sockets) {
            say!("worker {} does not hear: {error}", child.id());
        }
        self.workers.push(Worker {
            pid: child.id(),
            link: own,
            binary: binary.to_owned(),
            began: Instant::now(),
            role: Role::Starting { replaces },
        });
        Ok(child.id())
    }

    /// Reaps whatever has ended: workers, and what was left to PID 1 by others.
    pub(super) fn reap(&mut self) {
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            let pid = u32::try_from(pid.as_raw_nonzero().get()).unwrap_or(0);
            let how = match (status.exit_status(), status.terminating_signal()) {
                (Some(code), _) => format!("ended with {code}"),
                (None, Some(signal)) => format!("was ended by signal {signal}"),
                _ => continue,
            };
            self.hear_all(pid);
            if let Some(index) = self.workers.iter().position(|worker| worker.pid == pid) {
                let worker = self.workers.remove(index);
                self.worker_ended(&worker, &how);
            }
        }
    }

    /// Kills workers that take too long to start, and at the end all that are left.
    pub(super) fn kill_late(&mut self) {
        let now = Instant::now();
        let stopped = self.stop_until.is_some_and(|until| now >= until);
        for worker in &self.workers {
            let late = !matches!(worker.role, Role::Serving | Role::Retiring)
                && now.duration_since(worker.began) >= READY;
            if late || stopped {
                kill(worker.pid);
            }
        }
    }
}

pub(super) fn kill(pid: u32) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, Signal::KILL);
    }
}
