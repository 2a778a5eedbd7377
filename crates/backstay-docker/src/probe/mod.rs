//! Health checks of `x-backstay.health`: at the container's own address, or inside of it.

#[cfg(target_os = "linux")]
mod diag;
mod exec;
pub(crate) mod host;
mod http;
pub(crate) mod listening;
mod own;
mod place;
pub(crate) mod visitors;

use backstay_core::engine::{Answer, EngineResult, OwnChecks};
use backstay_core::stack::{Check, Probe};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::connection::Connection;
use crate::containers::inspect_one;
use place::Place;
pub(crate) use place::is_direct;

/// What a container can be asked about itself.
pub(crate) async fn own_checks(engine: &Connection, id: &str) -> EngineResult<OwnChecks> {
    let detail = inspect_one(engine, id).await?;
    Ok(detail.as_ref().map(own::read).unwrap_or_default())
}

/// Asks once.
pub(crate) async fn probe(engine: &Connection, id: &str, probe: &Probe) -> EngineResult<Answer> {
    let port = match &probe.check {
        Check::Exec(command) => return exec::run(engine, id, command, probe.timeout).await,
        Check::Tcp(port) => *port,
        Check::Http(http) => http.port,
    };
    let address = match place::of(engine, id, port).await? {
        Place::At(address) => address,
        Place::Nowhere(why) => return Ok(Answer::Failed(why)),
        Place::OutOfReach(why) => return Ok(Answer::OutOfReach(why)),
    };
    let answer = match &probe.check {
        Check::Http(wanted) => http::get(wanted, address, probe.timeout).await,
        _ => match timeout(probe.timeout, TcpStream::connect(address)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err(late(probe.timeout)),
        },
    };
    Ok(match answer {
        Ok(()) => Answer::Passed,
        Err(why) => Answer::Failed(why),
    })
}

fn late(limit: std::time::Duration) -> String {
    format!("no answer within {} s", limit.as_secs_f64())
}
