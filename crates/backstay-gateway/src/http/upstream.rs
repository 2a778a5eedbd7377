//! Connections to services, and those that wait for the next request. What is written to them is one request at a time for
//! HTTP/1, and for HTTP/2 the streams of one client: its limits and its faults stay its own.

use crate::client::{Client, connect};
use crate::one::{One, Unsent};
use crate::outgoing::Outgoing;
use crate::route::{Idle, Kept, Route, Target};
use crate::tcp::proxy_header;
use crate::wire::{Io, Wire};
use bytes::Bytes;
use hyper::body::Incoming;
use hyper::client::conn::http2;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long an unused connection is kept. Servers close theirs after two seconds or later, and a request that is just on its way
/// then would be lost.
const KEPT: Duration = Duration::from_millis(1500);
/// That much earlier than the service says that it will close it.
const EARLIER: Duration = Duration::from_millis(1000);

/// A connection to one port of a target.
#[derive(Debug)]
struct To<S> {
    target: Arc<Target>,
    port: u16,
    sender: S,
}

impl<S> To<S> {
    fn leads(&self, target: &Arc<Target>, port: u16) -> bool {
        Arc::ptr_eq(&self.target, target) && self.port == port
    }
}

/// The connections of one client that are not shared with others.
#[derive(Debug, Default)]
pub(super) struct Own {
    one: std::sync::Mutex<Vec<To<One>>>,
    two: Mutex<Vec<To<http2::SendRequest<Outgoing>>>>,
}

/// A connection that is ready for a request.
#[derive(Debug)]
pub(super) enum Sender {
    One(One),
    Two(http2::SendRequest<Outgoing>),
}

/// Where a connection goes after the answer.
#[derive(Debug)]
pub(super) struct Back {
    pub one: One,
    target: Arc<Target>,
    to: u16,
    thread: usize,
    until: Option<Instant>,
    /// It carries the address of this client.
    own: Option<Arc<Own>>,
}

/// Until when a connection is kept, if the service says so or says nothing. `None`: not at all.
pub(super) fn keep_for(told: Option<Duration>) -> Option<Instant> {
    let kept = told.map_or(KEPT, |told| told.saturating_sub(EARLIER).min(KEPT));
    (!kept.is_zero()).then(|| Instant::now() + kept)
}

/// Gets a connection. `used`: one that has waited will do. `None`: the target can't be reached.
pub(super) async fn reach(
    client: &Client,
    own: &Own,
    route: &Route,
    target: &Arc<Target>,
    two: bool,
    used: bool,
) -> Option<Sender> {
    if two {
        return reach_two(client, own, route, target).await.map(Sender::Two);
    }
    let kept = match (used, route.service.proxy_protocol) {
        (false, _) => None,
        (true, false) => target.pools.take(client.thread, route.to),
        (true, true) => own.take(target, route.to).map(Kept::One),
    };
    match kept {
        Some(Kept::One(one)) => Some(Sender::One(one)),
        Some(Kept::Raw(wire)) => One::begin(Io::new(wire, Bytes::new())).await.map(Sender::One),
        None => One::begin(open(client, route, target).await?).await.map(Sender::One),
    }
}

/// One for each client and target. While it is made, the client's other streams to that target wait for it.
async fn reach_two(
    client: &Client,
    own: &Own,
    route: &Route,
    target: &Arc<Target>,
) -> Option<http2::SendRequest<Outgoing>> {
    let mut all = own.two.lock().await;
    all.retain(|one| !one.sender.is_closed() && !one.target.is_retired());
    if let Some(one) = all.iter().find(|one| one.leads(target, route.to)) {
        return Some(one.sender.clone());
    }
    let io = TokioIo::new(open(client, route, target).await?);
    let (sender, connection) = http2::Builder::new(TokioExecutor::new())
        .max_header_list_size(super::headers::HEADERS)
        .handshake(io)
        .await
        .ok()?;
    tokio::spawn(connection);
    all.push(To { target: Arc::clone(target), port: route.to, sender: sender.clone() });
    Some(sender)
}

async fn open(client: &Client, route: &Route, target: &Target) -> Option<Io> {
    let wire = Wire::new(connect(client, target, route.to).await?);
    if route.service.proxy_protocol {
        let header = proxy_header(client.peer, client.local);
        let mut io = Io::new(Arc::clone(&wire), Bytes::new());
        tokio::io::AsyncWriteExt::write_all(&mut io, &header).await.ok()?;
    }
    Some(Io::new(wire, Bytes::new()))
}

impl Own {
    fn take(&self, target: &Arc<Target>, port: u16) -> Option<One> {
        let mut all = self.one.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        all.retain_mut(|one| !one.sender.is_over() && !one.target.is_retired());
        let is_it = |one: &mut To<One>| one.leads(target, port) && one.sender.is_free();
        let index = all.iter_mut().position(is_it)?;
        Some(all.swap_remove(index).sender)
    }
}

impl Sender {
    /// Sends a request, and waits for the head of its answer.
    pub(super) async fn send(
        &mut self,
        request: Request<Outgoing>,
    ) -> Result<Response<Incoming>, Unsent> {
        match self {
            Self::One(one) => one.send(request).await,
            Self::Two(sender) => sender.try_send_request(request).await.map_err(|mut error| {
                error
                    .take_message()
                    .map_or(Unsent::Lost, |request| Unsent::Whole(Box::new(request)))
            }),
        }
    }

    /// It reads and writes by itself from now on.
    pub(super) fn detach(&mut self) {
        if let Self::One(one) = self {
            one.detach();
        }
    }

    /// How it goes back after the answer.
    pub(super) fn back(
        self,
        client: &Client,
        own: &Arc<Own>,
        route: &Route,
        target: &Arc<Target>,
        told: Option<Duration>,
    ) -> Option<Back> {
        let Self::One(one) = self else { return None };
        Some(Back {
            one,
            target: Arc::clone(target),
            to: route.to,
            thread: client.thread,
            until: keep_for(told),
            own: route.service.proxy_protocol.then(|| Arc::clone(own)),
        })
    }
}

impl Back {
    /// The answer has come whole.
    pub(super) fn give(mut self) {
        let Some(until) = self.until else { return };
        if self.one.is_over() || self.target.is_retired() {
            return;
        }
        match self.own {
            Some(own) => {
                let mut all = own.one.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                all.push(To { target: self.target, port: self.to, sender: self.one });
            }
            None => {
                let kept = Kept::One(self.one);
                self.target.pools.put(self.thread, Idle { kept, to: self.to, until });
            }
        }
    }
}
