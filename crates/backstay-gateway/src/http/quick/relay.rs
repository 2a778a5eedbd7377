//! One plain request: to a target, and its answer back.

use super::chunks::Broken;
use super::request::Plain;
use super::response::{self, Body, Head, Read};
use crate::client::{Client, Refused, connect, enter};
use crate::http::exchange::{Failed, TRIES};
use crate::http::forward::{Logged, count_failed, log};
use crate::http::told;
use crate::http::upstream::keep_for;
use crate::route::{Flight, Idle, Kept, Phase, Route};
use crate::stats::Problem;
use crate::tcp::{with_buffer, write_all};
use crate::wire::Wire;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

/// How the connection goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    Next,
    Over,
}

/// How an answer ended before its end.
enum Cut {
    /// The service broke off.
    Service,
    /// The client did.
    Client,
}

/// Answers a request.
pub(super) async fn relay(client: &Arc<Client>, plain: Plain, path: Option<String>) -> After {
    let _busy = client.begin();
    let began = Instant::now();
    let logged = path.map(|path| Logged::new(plain.is_head, path));
    let (route, flight, wire) = match send(client, &plain).await {
        Ok(sent) => sent,
        Err(failed) => return refuse(client, &plain, &failed, logged.as_ref(), began).await,
    };
    let mut answer = Answer::new(client, &wire, &plain);
    let head = match answer.head(&flight, began).await {
        Ok(head) => head,
        Err(Cut::Client) => {
            flight.target().counts.went_wrong(Problem::ClientGone);
            return After::Over;
        }
        Err(Cut::Service) => {
            flight.target().failed().await;
            flight.target().counts.went_wrong(Problem::Reset);
            let failed = Failed::At(flight, route, Problem::Reset);
            return refuse(client, &plain, &failed, logged.as_ref(), began).await;
        }
    };
    if let Some(logged) = &logged {
        log(client, logged, Some(&route), Some(&flight), head.status, began);
    }
    finish(client, answer, head, flight, route).await
}

/// From the head to the end.
async fn finish(
    client: &Arc<Client>,
    mut answer: Answer<'_>,
    head: Head,
    mut flight: Flight,
    route: Route,
) -> After {
    let target = Arc::clone(flight.target());
    let last = answer.last || head.body == Body::Connection;
    let ended = if head.events {
        flight.becomes_stream();
        target.counts.streams.fetch_add(1, Relaxed);
        let mut cut = pin!(target.cut.notified());
        cut.as_mut().enable();
        tokio::select! {
            biased;
            ended = answer.rest(&flight) => ended,
            () = cut => {
                target.counts.went_wrong(Problem::Cut);
                return After::Over;
            }
        }
    } else {
        answer.rest(&flight).await
    };
    match ended {
        Ok(()) if answer.too_much || !head.keeps => {}
        Ok(()) => {
            let kept = Kept::Raw(Arc::clone(answer.wire));
            if let Some(until) = keep_for(head.kept_for) {
                target.pools.put(client.thread, Idle { kept, to: route.to, until });
            }
        }
        Err(cut) => {
            let problem = match cut {
                Cut::Service => Problem::Reset,
                Cut::Client => Problem::ClientGone,
            };
            target.counts.went_wrong(problem);
            return After::Over;
        }
    }
    if last { After::Over } else { After::Next }
}

/// Writes the request to a target. The next one is tried where one can't be reached, and once more where nothing was written.
async fn send(client: &Client, plain: &Plain) -> Result<(Route, Flight, Arc<Wire>), Failed> {
    let mut tried = Vec::new();
    let mut repeated = false;
    loop {
        let (route, flight) = enter(client, &tried, false).await.map_err(Failed::Refused)?;
        let target = flight.target();
        let kept = if repeated { None } else { target.pools.take_raw(client.thread, route.to) };
        let wire = match kept {
            Some(wire) => wire,
            None => match connect(client, target, route.to).await {
                Some(stream) => Wire::new(stream),
                None => {
                    tried.push(Arc::clone(target));
                    if tried.len() < TRIES.min(route.service.targets.len() + 1) {
                        continue;
                    }
                    target.counts.went_wrong(Problem::Connect);
                    return Err(Failed::At(flight, route, Problem::Connect));
                }
            },
        };
        let written = match wire.stream.try_write(&plain.out) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
            // Nothing of it has left: the connection was closed while nobody used it.
            Err(_) if !repeated => {
                repeated = true;
                continue;
            }
            Err(_) => plain.out.len() + 1,
            Ok(written) => written,
        };
        match plain.out.get(written..) {
            Some(rest) if write_all(&wire, rest).await.is_ok() => return Ok((route, flight, wire)),
            _ => {
                target.failed().await;
                target.counts.went_wrong(Problem::Reset);
                return Err(Failed::At(flight, route, Problem::Reset));
            }
        }
    }
}

/// Tells the client why there is no answer.
async fn refuse(
    client: &Client,
    plain: &Plain,
    failed: &Failed,
    logged: Option<&Logged>,
    began: Instant,
) -> After {
    count_failed(client, failed);
    if matches!(failed, Failed::Refused(Refused::By(Problem::ClientGone))) {
        return After::Over;
    }
    let last = plain.close || client.shared.phase() != Phase::Serving;
    let (status, bytes) = told::bytes(failed, plain.is_head, last);
    if let Some(logged) = logged {
        let (route, flight) = failed.at();
        log(client, logged, route, flight, status, began);
    }
    match write_all(&client.wire, &bytes).await {
        Ok(()) if !last => After::Next,
        _ => After::Over,
    }
}

/// An answer on its way.
struct Answer<'a> {
    client: &'a Client,
    wire: &'a Arc<Wire>,
    to_head: bool,
    /// No other one follows on this connection.
    last: bool,
    /// The beginning of a head that has not come whole.
    partly: Vec<u8>,
    /// Not yet written to the client.
    rest: Vec<u8>,
    body: Body,
    /// More has come than belongs to the answer.
    too_much: bool,
}

impl<'a> Answer<'a> {
    fn new(client: &'a Client, wire: &'a Arc<Wire>, plain: &Plain) -> Self {
        Self {
            client,
            wire,
            to_head: plain.is_head,
            last: plain.close || client.shared.phase() != Phase::Serving,
            partly: Vec::new(),
            rest: Vec::new(),
            body: Body::Length(0),
            too_much: false,
        }
    }

    /// Waits for the head, and passes on what has come with it.
    async fn head(&mut self, flight: &Flight, began: Instant) -> Result<Head, Cut> {
        loop {
            self.readable().await?;
            // A worker may have begun to retire while the service worked.
            self.last |= self.client.shared.phase() != Phase::Serving;
            let Some(head) = with_buffer(|buffer| self.read_head(buffer, flight))? else {
                continue;
            };
            let target = flight.target();
            target.succeeded();
            target.counts.requests.fetch_add(1, Relaxed);
            target.counts.answered(head.status, began.elapsed());
            if !self.client.listener.spoke_http.load(Relaxed) {
                self.client.listener.spoke_http.store(true, Relaxed);
            }
            return Ok(head);
        }
    }

    fn read_head(&mut self, buffer: &mut [u8], flight: &Flight) -> Result<Option<Head>, Cut> {
        let read = match self.read(buffer) {
            Ok(0) => return Err(Cut::Service),
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            Err(_) => return Err(Cut::Service),
        };
        let mut joined = std::mem::take(&mut self.partly);
        let mut bytes = &buffer[..read];
        if !joined.is_empty() {
            joined.extend_from_slice(bytes);
            bytes = &joined;
        }
        loop {
            match response::read(bytes, self.to_head, self.last) {
                Err(Broken) => return Err(Cut::Service),
                Ok(Read::Before(length)) => bytes = &bytes[length..],
                Ok(Read::Partly) => {
                    self.partly = bytes.to_vec();
                    return Ok(None);
                }
                Ok(Read::Whole(head)) => {
                    self.body = head.body;
                    let body = self.take(&bytes[head.bytes..], flight)?;
                    self.write(&head.out, body);
                    return Ok(Some(head));
                }
            }
        }
    }

    /// Passes on what comes until all of it is there.
    async fn rest(&mut self, flight: &Flight) -> Result<(), Cut> {
        loop {
            if !self.rest.is_empty() {
                let rest = std::mem::take(&mut self.rest);
                write_all(&self.client.wire, &rest).await.map_err(|_| Cut::Client)?;
            }
            if self.body.is_over() {
                return Ok(());
            }
            self.readable().await?;
            let step = with_buffer(|buffer| {
                let read = match self.read(buffer) {
                    Ok(read) => read,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Some(())),
                    Err(_) => return Err(Cut::Service),
                };
                if read == 0 {
                    let whole = self.body == Body::Connection;
                    return if whole { Ok(None) } else { Err(Cut::Service) };
                }
                let body = self.take(&buffer[..read], flight)?;
                self.write(&[], body);
                Ok(Some(()))
            })?;
            if step.is_none() {
                return Ok(());
            }
            tokio::task::consume_budget().await;
        }
    }

    /// What of these bytes belongs to the body.
    fn take<'b>(&mut self, bytes: &'b [u8], flight: &Flight) -> Result<&'b [u8], Cut> {
        let length = self.body.take(bytes).map_err(|Broken| Cut::Service)?;
        self.too_much |= length < bytes.len();
        flight.target().counts.bytes_out.fetch_add(length as u64, Relaxed);
        Ok(&bytes[..length])
    }

    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.wire.stream.try_read(buffer)?;
        if 0 < read && read < buffer.len() {
            self.wire.emptied();
        }
        Ok(read)
    }

    /// Writes what the client takes at once. A client that is gone is seen at the next look.
    fn write(&mut self, head: &[u8], body: &[u8]) {
        let parts = [IoSlice::new(head), IoSlice::new(body)];
        let written = self.client.wire.stream.try_write_vectored(&parts).unwrap_or(0);
        if written < head.len() + body.len() {
            let of_head = written.min(head.len());
            self.rest.extend_from_slice(&head[of_head..]);
            self.rest.extend_from_slice(&body[written - of_head..]);
        }
    }

    /// Waits until the service says something, or the client leaves.
    async fn readable(&self) -> Result<(), Cut> {
        tokio::select! {
            biased;
            ready = self.wire.stream.readable() => ready.map_err(|_| Cut::Service),
            () = self.client.wire.gone() => Err(Cut::Client),
        }
    }
}
