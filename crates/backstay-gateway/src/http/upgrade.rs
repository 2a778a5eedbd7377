//! After `101 Switching Protocols`: WebSockets and whatever else both sides have agreed on.

use crate::client::Busy;
use crate::route::Flight;
use crate::stats::Problem;
use crate::tcp::{Ended, copy};
use crate::wire::{Io, Wire};
use bytes::Bytes;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use tokio::io::AsyncWriteExt;

/// Carries bytes both ways until both sides have said all.
pub(super) async fn carry(client: OnUpgrade, service: OnUpgrade, flight: Flight, busy: Busy) {
    let target = Arc::clone(flight.target());
    let mut cut = std::pin::pin!(target.cut.notified());
    cut.as_mut().enable();
    let counts = &target.counts;
    let ended = match tokio::try_join!(client, service) {
        Ok((client, service)) => match (taken(client), taken(service)) {
            (Some((client, said)), Some((service, answered))) => {
                counts.bytes_in.fetch_add(said.len() as u64, Relaxed);
                counts.bytes_out.fetch_add(answered.len() as u64, Relaxed);
                // What came with the heads goes first.
                let early = async {
                    write(&service, &said).await?;
                    write(&client, &answered).await
                };
                match early.await {
                    Ok(()) => {
                        let (inbound, outbound) = (&counts.bytes_in, &counts.bytes_out);
                        copy(&client, &service, inbound, outbound, cut).await
                    }
                    Err(_) => Ended::Broken,
                }
            }
            _ => Ended::Broken,
        },
        Err(_) => Ended::Broken,
    };
    if ended == Ended::Cut {
        counts.went_wrong(Problem::Cut);
    }
    drop((flight, busy));
}

async fn write(wire: &Arc<Wire>, bytes: &[u8]) -> std::io::Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    Io::new(Arc::clone(wire), Bytes::new()).write_all(bytes).await
}

/// The connection, and what was read of it already.
fn taken(upgraded: Upgraded) -> Option<(Arc<Wire>, Bytes)> {
    let parts = upgraded.downcast::<TokioIo<Io>>().ok()?;
    Some((parts.io.into_inner().into_wire(), parts.read_buf))
}
