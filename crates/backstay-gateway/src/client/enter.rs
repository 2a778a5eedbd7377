//! From a client to a target: the route, the gate, the choice, the connection.

use super::connection::Client;
use super::dial::dial_in_time;
use crate::gate::Ticket;
use crate::route::{Admission, Flight, Route, ServiceLive, Target};
use crate::stats::Problem;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpStream;

/// Why something gets to no target. It is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// No route leads from where it arrived.
    NoRoute,
    /// The service has none, or can't be waited for.
    By(Problem),
}

/// Gets something to a target: waits at the gate, chooses, and announces it there.
pub(crate) async fn enter(
    client: &Client,
    tried: &[Arc<Target>],
    stream: bool,
) -> Result<(Route, Flight), Refused> {
    let mut passed: Option<(Arc<ServiceLive>, Option<Ticket>)> = None;
    loop {
        let (epoch, Some(route)) = client.route() else { return Err(Refused::NoRoute) };
        let live = &route.service.live;
        // A ticket stays good where only the targets have changed: that is what a hold is for.
        let ticket = match passed.take() {
            Some((of, ticket)) if Arc::ptr_eq(&of, live) && live.gate.lets(ticket) => ticket,
            _ => match live.gate.pass(client.wire.gone()).await {
                Ok(ticket) => ticket,
                Err(problem) => {
                    live.counts.went_wrong(problem);
                    return Err(Refused::By(problem));
                }
            },
        };
        match client.shared.admit(epoch, &route.service, ticket, tried, stream) {
            Admission::Admitted(flight) => return Ok((route, flight)),
            Admission::NoTarget => {
                live.counts.went_wrong(Problem::NoTarget);
                return Err(Refused::By(Problem::NoTarget));
            }
            Admission::Again => passed = Some((Arc::clone(live), ticket)),
        }
    }
}

/// Connects to a target. `None`: it has no address, or does not accept; it is passed over for a while then.
pub(crate) async fn connect(client: &Client, target: &Target, to: u16) -> Option<TcpStream> {
    for address in target.addresses(client.shared.nameserver).await {
        if let Ok(stream) = dial_in_time(SocketAddr::new(address, to)).await {
            return Some(stream);
        }
    }
    target.failed().await;
    None
}
