//! Becoming another program without letting go of sockets and workers. They pass as they do between two processes: through a
//! pair of sockets whose other end the new program finds in the place of its standard input.

use super::binaries;
use super::keeper::{Keeper, Role, Worker};
use super::signals::Signals;
use crate::channel::{Link, MAX_SOCKETS, Port, Received, Roster, RosterWorker};
use crate::log::say;
use crate::state::Folder;
use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

impl Keeper {
    /// Becomes another program. It comes back only where that was not possible.
    ///
    /// A SIGTERM that comes in the moment between the two programs is lost: whoever sent it follows with SIGKILL.
    pub(super) fn become_other(&mut self, binary: &Path) {
        binaries::remember(&self.folder, &self.image, binary, true);
        let error = match self.pack() {
            Ok(link) => Command::new(binary).arg("adopt").stdin(Stdio::from(link.into_fd())).exec(),
            Err(error) => error,
        };
        say!("the supervisor stays what it is, `{}` did not start: {error}", binary.display());
        binaries::keep(&self.folder, &self.image, binary);
    }

    /// Puts everything into a pair of sockets, and gives the end to read from.
    fn pack(&self) -> io::Result<Link> {
        let (write, read) = Link::pair()?;
        let roster = Roster {
            settings: self.settings.clone(),
            image: self.image.clone(),
            ports: self.ports.keys().copied().map(Port).collect(),
            workers: self
                .workers
                .iter()
                .map(|worker| RosterWorker {
                    pid: worker.pid,
                    binary: worker.binary.clone(),
                    serves: worker.role == Role::Serving,
                })
                .collect(),
        };
        let mut sockets: Vec<BorrowedFd<'_>> = vec![self.control.as_fd()];
        sockets.extend(self.ports.values().map(AsFd::as_fd));
        write.send(&roster, &sockets)?;
        let links: Vec<BorrowedFd<'_>> =
            self.workers.iter().map(|worker| worker.link.as_fd()).collect();
        for some in links.chunks(MAX_SOCKETS) {
            write.send(&some.len(), some)?;
        }
        Ok(read)
    }

    /// Takes over what the program before has packed.
    pub(super) fn unpack() -> io::Result<Self> {
        let signals = Signals::watch()?;
        let link = Link::inherited()?;
        let gone = || io::Error::other("there is nothing to take over");
        let Received { message: roster, mut sockets } =
            link.receive::<Roster>()?.ok_or_else(gone)?;
        let mut links = Vec::new();
        while links.len() < roster.workers.len() {
            links.extend(link.receive::<usize>()?.ok_or_else(gone)?.sockets);
        }
        let listening = sockets.split_off(1);
        let control = sockets.pop().ok_or_else(gone)?;
        let ports: BTreeMap<_, _> =
            roster.ports.into_iter().map(|Port(port)| port).zip(listening).collect();
        let workers: Vec<_> = roster
            .workers
            .into_iter()
            .zip(links)
            .map(|(worker, link)| Worker {
                pid: worker.pid,
                link: Link::adopt(link),
                binary: worker.binary,
                began: Instant::now(),
                role: if worker.serves { Role::Serving } else { Role::Retiring },
            })
            .collect();
        let binary = std::env::current_exe()?;
        let folder = Folder::new(&roster.settings.state);
        folder.prepare()?;
        Ok(Self {
            settings: roster.settings,
            folder,
            image: roster.image,
            signals,
            control,
            ports,
            workers,
            start_at: None,
            binary,
            deaths: 0,
            stop_until: None,
            become_next: None,
        })
    }
}
