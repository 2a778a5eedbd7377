//! A client's connection.

use crate::route::{ListenerLive, Route, Shared};
use crate::wire::Wire;
use hyper::header::HeaderValue;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpStream;

/// The connection.
#[derive(Debug)]
pub(crate) struct Client {
    pub shared: Arc<Shared>,
    pub listener: Arc<ListenerLive>,
    pub wire: Arc<Wire>,
    pub peer: SocketAddr,
    /// Its address, as a header has it.
    pub shown: HeaderValue,
    pub local: SocketAddr,
    pub thread: usize,
    route: Mutex<(u64, Option<Route>)>,
    busy: AtomicU64,
    used: AtomicU64,
}

/// A request or a stream of this connection that has not ended.
#[derive(Debug)]
pub(crate) struct Busy(Arc<Client>);

impl Client {
    /// `None`: the client has left already.
    pub(crate) fn new(
        shared: &Arc<Shared>,
        listener: &Arc<ListenerLive>,
        stream: TcpStream,
        peer: SocketAddr,
        thread: usize,
    ) -> Option<Arc<Self>> {
        let local = stream.local_addr().ok()?;
        listener.accepted.fetch_add(1, Relaxed);
        listener.connections.fetch_add(1, Relaxed);
        shared.connections.fetch_add(1, SeqCst);
        let route = shared.route(listener.port, local.ip());
        Some(Arc::new(Self {
            shared: Arc::clone(shared),
            listener: Arc::clone(listener),
            wire: Wire::new(stream),
            shown: HeaderValue::try_from(canonical(peer).ip().to_string()).ok()?,
            peer: canonical(peer),
            local: canonical(local),
            thread,
            route: Mutex::new(route),
            busy: AtomicU64::new(0),
            used: AtomicU64::new(0),
        }))
    }

    /// Where it leads now, and the epoch in which that holds.
    pub(crate) fn route(&self) -> (u64, Option<Route>) {
        self.known().clone()
    }

    /// Looks at the route.
    pub(crate) fn with_route<T>(&self, look: impl FnOnce(Option<&Route>) -> T) -> T {
        look(self.known().1.as_ref())
    }

    fn known(&self) -> MutexGuard<'_, (u64, Option<Route>)> {
        let mut known = self.route.lock().unwrap_or_else(PoisonError::into_inner);
        if known.0 != self.shared.epoch() {
            *known = self.shared.route(self.listener.port, self.local.ip());
        }
        known
    }

    /// Something begins.
    pub(crate) fn begin(self: &Arc<Self>) -> Busy {
        self.busy.fetch_add(1, SeqCst);
        self.used.fetch_add(1, Relaxed);
        self.shared.busy.fetch_add(1, SeqCst);
        Busy(Arc::clone(self))
    }

    /// How often it was used.
    pub(crate) fn used(&self) -> u64 {
        self.used.load(Relaxed)
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.busy.load(SeqCst) > 0
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.listener.connections.fetch_sub(1, Relaxed);
        self.shared.connections.fetch_sub(1, SeqCst);
        self.shared.tell_less();
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, SeqCst);
        self.0.shared.busy.fetch_sub(1, SeqCst);
        self.0.shared.tell_less();
    }
}

/// IPv4 as IPv4, also where the socket is of both families.
fn canonical(address: SocketAddr) -> SocketAddr {
    let ip: IpAddr = address.ip().to_canonical();
    SocketAddr::new(ip, address.port())
}
