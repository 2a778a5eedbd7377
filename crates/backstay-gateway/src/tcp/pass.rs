//! A TCP connection, passed through to one target.

use super::copy::{self, Ended};
use super::proxy_header::proxy_header;
use crate::client::{Client, connect, enter};
use crate::route::{Flight, Route};
use crate::stats::Problem;
use crate::wire::Wire;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// As many targets are tried.
const TRIES: usize = 3;

/// Passes a connection through.
pub(crate) async fn pass_through(client: Arc<Client>) {
    let _busy = client.begin();
    // Without a target there is nothing to say: it is closed.
    let Some((route, flight, service)) = reach(&client).await else { return };
    let target = flight.target();
    target.counts.streams.fetch_add(1, Relaxed);
    let mut cut = std::pin::pin!(target.cut.notified());
    cut.as_mut().enable();
    if route.service.proxy_protocol
        && copy::write_all(&service, &proxy_header(client.peer, client.local)).await.is_err()
    {
        return target.counts.went_wrong(Problem::Reset);
    }
    let counts = &target.counts;
    let ended = copy::copy(&client.wire, &service, &counts.bytes_in, &counts.bytes_out, cut).await;
    if ended == Ended::Cut {
        counts.went_wrong(Problem::Cut);
    }
}

/// A connection to a target, the next one where one does not accept: nothing was said yet.
async fn reach(client: &Client) -> Option<(Route, Flight, Arc<Wire>)> {
    let mut tried = Vec::new();
    loop {
        let (route, flight) = enter(client, &tried, true).await.ok()?;
        if let Some(stream) = connect(client, flight.target(), route.to).await {
            flight.target().succeeded();
            return Some((route, flight, Wire::new(stream)));
        }
        tried.push(Arc::clone(flight.target()));
        if tried.len() >= TRIES.min(route.service.targets.len() + 1) {
            flight.target().counts.went_wrong(Problem::Connect);
            return None;
        }
    }
}
