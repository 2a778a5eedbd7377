//! A client that speaks HTTP/1. While it says nothing, nothing is kept for it but the connection.

use super::answer::Answer;
use super::forward::forward;
use super::quick::{self, Next};
use super::upstream::Own;
use crate::client::Client;
use crate::route::Phase;
use crate::wire::Io;
use bytes::Bytes;
use hyper::Request;
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1::Builder;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::future::Future;
use std::io::ErrorKind;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// How long a client has for the head of a request.
const HEAD: Duration = Duration::from_secs(30);
/// As many bytes may the head have.
const HEAD_BYTES: usize = 64 << 10;
/// After so much silence nothing is kept any more.
const SILENCE: Duration = Duration::from_secs(2);
/// How long a client may keep a connection that it does not use.
const UNUSED: Duration = Duration::from_secs(3600);
/// How long what a client still sends is read after the last answer: closing at once would take the answer from it.
const LINGER: Duration = Duration::from_secs(1);

/// What became of a connection.
enum Left {
    /// It is over.
    Over,
    /// Nothing is under way. What was read of the next request comes along.
    Silent(Bytes),
}

/// What the client has said last.
struct Said {
    /// A part of a head.
    begun: AtomicBool,
    /// A request with a body.
    body: AtomicBool,
}

/// Serves the connection.
pub(crate) async fn serve_one(client: Arc<Client>) {
    let own = Arc::<Own>::default();
    let mut leaving = pin!(leave(&client));
    let mut read = Bytes::new();
    loop {
        if read.is_empty() {
            tokio::select! {
                biased;
                ready = client.wire.stream.readable() => if ready.is_err() { return },
                () = leaving.as_mut() => return,
            }
            // What is said gets its state on the heap, for as long as it is said.
            match Box::pin(talk_plainly(&client)).await {
                Next::Over => return,
                Next::Wait => continue,
                Next::Long(bytes) => read = bytes,
            }
        }
        // A head that comes in small pieces has one limit in time, and not a new one after each silence.
        let head_until = Instant::now() + HEAD;
        match Box::pin(talk(&client, &own, read, head_until)).await {
            Left::Over => return,
            Left::Silent(rest) => read = rest,
        }
    }
}

/// Serves plain requests until there is another one, or silence.
async fn talk_plainly(client: &Arc<Client>) -> Next {
    // One timer for many requests.
    let mut silence = pin!(sleep(SILENCE));
    let mut used = client.used();
    loop {
        match quick::serve(client).await {
            Next::Wait => {}
            next => return next,
        }
        loop {
            tokio::select! {
                biased;
                ready = client.wire.stream.readable() => match ready {
                    Ok(()) => break,
                    Err(_) => return Next::Over,
                },
                () = silence.as_mut() => {
                    if client.used() == used {
                        return Next::Wait;
                    }
                    used = client.used();
                    silence.as_mut().reset(Instant::now() + SILENCE);
                }
            }
        }
    }
}

/// Ends when a connection that is not used has to go: another worker has taken over, and it is unused for longer than its
/// service's requests may take; or it is unused for very long.
async fn leave(client: &Client) {
    let mut phase = client.shared.phase.subscribe();
    loop {
        let used = client.used();
        tokio::select! {
            _ = phase.wait_for(|phase| *phase != Phase::Serving) => break,
            () = sleep(UNUSED) => if client.used() == used { return },
        }
    }
    let drain = client.route().1.map_or(Duration::ZERO, |route| route.service.drain);
    sleep(drain).await;
}

async fn talk(client: &Arc<Client>, own: &Arc<Own>, read: Bytes, head_until: Instant) -> Left {
    let said =
        Arc::new(Said { begun: AtomicBool::new(!read.is_empty()), body: AtomicBool::new(false) });
    let service = {
        let (client, own, said) = (Arc::clone(client), Arc::clone(own), Arc::clone(&said));
        service_fn(move |request: Request<Incoming>| {
            said.begun.store(false, Relaxed);
            said.body.store(!request.body().is_end_stream(), Relaxed);
            forward(Arc::clone(&client), Arc::clone(&own), request)
        })
    };
    let left = drive(client, service, read, &said, head_until).await;
    if matches!(left, Left::Over) && said.body.load(Relaxed) && !client.is_busy() {
        let _ = timeout(LINGER, discard(client)).await;
    }
    left
}

/// Reads what still comes, to its end.
async fn discard(client: &Client) {
    let mut buffer = [0; 4096];
    while client.wire.stream.readable().await.is_ok() {
        match client.wire.stream.try_read(&mut buffer) {
            Ok(0) => return,
            Err(error) if error.kind() != ErrorKind::WouldBlock => return,
            _ => {}
        }
    }
}

async fn drive<S, F>(
    client: &Arc<Client>,
    service: S,
    read: Bytes,
    said: &Said,
    head_until: Instant,
) -> Left
where
    S: Service<
            Request<Incoming>,
            Response = hyper::Response<Answer>,
            Error = Infallible,
            Future = F,
        >,
    F: Future<Output = Result<hyper::Response<Answer>, Infallible>>,
{
    let io = TokioIo::new(Io::new(Arc::clone(&client.wire), read));
    let mut connection = Builder::new()
        // Its own limit would set a timer for each request.
        .header_read_timeout(None)
        .max_header_size(HEAD_BYTES)
        .preserve_header_case(true)
        .auto_date_header(false)
        .serve_connection(io, service)
        .with_upgrades();
    let mut used = Instant::now();
    loop {
        tokio::select! {
            biased;
            _ = &mut connection => return Left::Over,
            () = sleep(SILENCE) => {}
        }
        let begun = said.begun.load(Relaxed);
        if client.is_busy() || client.wire.is_writing() {
            used = Instant::now();
        } else if begun && Instant::now() >= head_until {
            return Left::Over;
        } else if !begun && used.elapsed() >= SILENCE {
            return match connection.into_parts() {
                Some(parts) => Left::Silent(parts.read_buf),
                None => Left::Over,
            };
        }
    }
}

/// How much a connection needs while plain requests are under way.
#[cfg(test)]
pub(crate) fn plain_size(client: &Arc<Client>) -> usize {
    size_of_val(&talk_plainly(client))
}
