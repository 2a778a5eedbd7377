//! From the supervisor's first message to a worker that serves.

use crate::channel::{Link, Port, Received, Settings, ToWorker};
use crate::control::Controller;
use crate::dns;
use crate::plane::Plane;
use crate::route::{Registry, Shared};
use crate::state::{Folder, Found, load_routes};
use backstay_routes::Snapshot;
use std::io;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;
use std::sync::Arc;

/// A worker's beginning.
pub(super) struct Beginning {
    pub settings: Settings,
    pub lead: bool,
    pub strict: bool,
    pub control: UnixListener,
    pub sockets: Vec<(u16, TcpListener)>,
}

/// Waits for the first message.
pub(super) fn receive(link: &Link) -> io::Result<Beginning> {
    let gone = || io::Error::other("the supervisor has not said how to start");
    let Received { message, mut sockets } = link.receive::<ToWorker>()?.ok_or_else(gone)?;
    let ToWorker::Start { settings, ports, lead, strict } = message else { return Err(gone()) };
    if sockets.len() != ports.len() + 1 {
        let (came, ports) = (sockets.len(), ports.len());
        return Err(io::Error::other(format!("{came} sockets came for {ports} ports")));
    }
    let listening: Vec<OwnedFd> = sockets.split_off(1);
    let control = sockets.pop().map(UnixListener::from).ok_or_else(gone)?;
    control.set_nonblocking(true)?;
    let ports = ports.into_iter().map(|Port(port)| port);
    let sockets = ports.zip(listening.into_iter().map(TcpListener::from)).collect();
    Ok(Beginning { settings, lead, strict, control, sockets })
}

/// The data plane and its control, with the routes that were written down.
pub(super) async fn begin(
    settings: &Settings,
    strict: bool,
    sockets: Vec<(u16, TcpListener)>,
    link: Arc<Link>,
) -> io::Result<Arc<Controller>> {
    let folder = Folder::new(&settings.state);
    let threads = settings.threads.max(1);
    let nameserver = settings.nameserver.unwrap_or_else(dns::nameserver);
    let empty = Registry::new(threads).table(Snapshot::empty(""));
    let shared = Arc::new(Shared::new(empty, nameserver));
    let plane = Plane::start(&shared, threads)?;
    let found = load_routes(&folder);
    let controller = Controller::new(shared, plane, folder, link, threads, sockets);
    match found {
        Found::Nothing => {}
        Found::Routes(snapshot) => controller.restore(*snapshot).await,
        Found::Useless(why) if strict => return Err(io::Error::other(why)),
        Found::Useless(why) => controller.trouble(format!("started without routes: {why}")),
    }
    Ok(Arc::new(controller))
}
