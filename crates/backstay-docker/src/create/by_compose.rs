//! Creating containers with Compose, through the guard.
//!
//! Compose is asked for the ordered services along with all that they depend on, so that hash and labels are those of the
//! whole stack; what they depend on is there, and stays as it is. Where it is not as the files say (a container is missing
//! or there are too many), Compose would change it, which the guard refuses. Then the ordered services are created alone, and
//! their labels are put right from what Compose says of the whole stack: that takes longer.

use std::sync::Arc;

use backstay_core::engine::{Created, EngineResult};
use backstay_core::stack::StackRef;

use super::by_start;
use super::compose_up::{ACTION, conclude, scales};
use super::in_flight::InFlight;
use super::orders::Orders;
use super::truth::Truth;
use crate::compose::{Compose, Ended};
use crate::connection::{Connection, Listener};
use crate::containers;
use crate::create::proxy::{self, Session};
use crate::error::from_io;

/// Whether Compose looks at what the services depend on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    WithDependencies,
    Alone,
}

/// Lets Compose create the containers that are ordered.
pub(super) async fn create(
    engine: &Connection,
    in_flight: &InFlight,
    stack: &StackRef,
    orders: Orders,
) -> EngineResult<Vec<Created>> {
    let orders = Arc::new(orders);
    let (ended, session) =
        attempt(engine, in_flight, stack, &orders, Reach::WithDependencies).await?;
    let outcome = session.outcome();
    // Ended by a signal: whoever sent it wants an end, not a second attempt.
    let interrupted = matches!(ended.status.code(), None | Some(130));
    if ended.status.success() || !outcome.begun || interrupted {
        return finish(stack, &orders, &ended, &session).await;
    }
    for new in &outcome.created {
        containers::remove(engine, &new.id, true).await?;
    }
    let (ended, session) = attempt(engine, in_flight, stack, &orders, Reach::Alone).await?;
    finish(stack, &orders, &ended, &session).await
}

async fn finish(
    stack: &StackRef,
    orders: &Arc<Orders>,
    ended: &Ended,
    session: &Arc<Session>,
) -> EngineResult<Vec<Created>> {
    let outcome = session.outcome();
    conclude(ended, &outcome)?;
    by_start::complete(stack, orders, session, &outcome.created).await?;
    // With the files that have come into them.
    Ok(session.outcome().created)
}

async fn attempt(
    engine: &Connection,
    in_flight: &InFlight,
    stack: &StackRef,
    orders: &Arc<Orders>,
    scope: Reach,
) -> EngineResult<(Ended, Arc<Session>)> {
    let listener = Listener::bind().map_err(|error| from_io(ACTION, &error))?;
    let alone = scope == Reach::Alone;
    let command = Compose::new(stack)
        .through(listener.docker_host())
        .flags(["--progress", "quiet", "--parallel=-1"])
        .run(["up", "--no-start", "--no-build", "--pull", "never", "--no-recreate"])
        .run(alone.then_some("--no-deps"))
        .run(scales(orders, orders.services.keys()))
        .run(orders.services.keys());
    let raw = Arc::clone(&engine.raw);
    let session = Arc::new(Session::new(raw, in_flight.clone(), Arc::clone(orders)));
    let truth = async {
        session.tell(if alone { Truth::ask(stack).await? } else { Truth::default() });
        Ok(())
    };
    let run = async { tokio::try_join!(command.output(ACTION), truth) };
    let (ended, ()) = tokio::select! {
        ended = run => ended?,
        error = proxy::serve(&listener, &session) => return Err(from_io(ACTION, &error)),
    };
    Ok((ended, session))
}
