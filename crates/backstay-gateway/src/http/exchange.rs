//! A request to a target: the next one where one can't be reached, and once more where nothing of it was written.

use super::upstream::{self, Own, Sender};
use crate::client::{Client, Refused, enter};
use crate::one::Unsent;
use crate::outgoing::{Outgoing, Permission};
use crate::route::{Flight, Route};
use crate::stats::Problem;
use hyper::body::Incoming;
use hyper::{Request, Response};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// As many targets are tried.
pub(super) const TRIES: usize = 4;
/// How long a service has to say whether it wants the body. Then it gets it, as if it did not know the question.
const WANTS_BODY: Duration = Duration::from_secs(1);

/// An answer, and everything that it came by.
#[derive(Debug)]
pub(super) struct Exchanged {
    pub response: Response<Incoming>,
    pub route: Route,
    pub flight: Flight,
    pub sender: Sender,
}

/// Why there is no answer. It is counted.
#[derive(Debug)]
pub(super) enum Failed {
    /// It got to no target.
    Refused(Refused),
    /// Something went wrong with a target. The flight says which.
    At(Flight, Route, Problem),
}

impl Failed {
    /// Where it went wrong, as far as it got.
    pub(super) fn at(&self) -> (Option<&Route>, Option<&Flight>) {
        match self {
            Self::At(flight, route, _) => (Some(route), Some(flight)),
            Self::Refused(_) => (None, None),
        }
    }
}

/// Gets an answer.
pub(super) async fn exchange(
    client: &Client,
    own: &Own,
    mut request: Request<Outgoing>,
    two: bool,
    permission: Option<&Arc<Permission>>,
) -> Result<Exchanged, Failed> {
    let mut tried = Vec::new();
    let mut repeated = false;
    loop {
        let (route, flight) = enter(client, &tried, false).await.map_err(Failed::Refused)?;
        let target = flight.target();
        let reached = upstream::reach(client, own, &route, target, two, !repeated).await;
        let Some(mut sender) = reached else {
            tried.push(Arc::clone(target));
            if tried.len() < TRIES.min(route.service.targets.len() + 1) {
                continue;
            }
            target.counts.went_wrong(Problem::Connect);
            return Err(Failed::At(flight, route, Problem::Connect));
        };
        request.body_mut().count_for(&target.counts);
        let sent = match permission {
            Some(permission) => give_in_time(permission, sender.send(request)).await,
            None => sender.send(request).await,
        };
        match sent {
            Ok(response) => return Ok(Exchanged { response, route, flight, sender }),
            // It was closed while it waited in the pool, which says nothing of the target.
            Err(Unsent::Whole(whole)) if !repeated => {
                request = *whole;
                repeated = true;
            }
            Err(_) => {
                target.failed().await;
                target.counts.went_wrong(Problem::Reset);
                return Err(Failed::At(flight, route, Problem::Reset));
            }
        }
    }
}

async fn give_in_time<T>(permission: &Permission, answer: impl Future<Output = T>) -> T {
    let mut answer = std::pin::pin!(answer);
    tokio::select! {
        biased;
        answer = answer.as_mut() => return answer,
        () = tokio::time::sleep(WANTS_BODY) => permission.give(),
    }
    answer.await
}
