//! An HTTP/1 connection to a service. It has no task of its own: whoever waits for its answer drives it, so that a request wakes
//! nobody but its own client's task.

use crate::outgoing::Outgoing;
use crate::wire::Io;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

type Connection = Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>;

/// The connection.
pub(crate) struct One {
    sender: SendRequest<Outgoing>,
    /// `None`: it has a task of its own after all, or it is over.
    connection: Option<Connection>,
}

/// What an attempt to send has led to, where it has not led to an answer.
#[derive(Debug)]
pub(crate) enum Unsent {
    /// Nothing was written. It can be sent to somebody else.
    Whole(Box<Request<Outgoing>>),
    /// Nobody knows what has become of it.
    Lost,
}

impl One {
    /// `None`: it broke at once.
    pub(crate) async fn begin(io: Io) -> Option<Self> {
        let shaken = http1::Builder::new().preserve_header_case(true).handshake(TokioIo::new(io));
        let (sender, connection) = shaken.await.ok()?;
        Some(Self { sender, connection: Some(Box::pin(connection.with_upgrades())) })
    }

    /// Whether it would take a request now. Nobody is told when that changes.
    pub(crate) fn is_free(&mut self) -> bool {
        self.drive(&mut Context::from_waker(Waker::noop()));
        self.sender.is_ready()
    }

    /// Whether it is over.
    pub(crate) fn is_over(&mut self) -> bool {
        self.drive(&mut Context::from_waker(Waker::noop()));
        self.sender.is_closed()
    }

    /// Reads and writes what there is. The task is woken when there is more.
    pub(crate) fn drive(&mut self, cx: &mut Context<'_>) {
        if let Some(connection) = &mut self.connection
            && connection.as_mut().poll(cx).is_ready()
        {
            self.connection = None;
        }
    }

    /// Whether what it brings has to be waited for by itself, because nobody drives it.
    pub(crate) fn is_detached(&self) -> bool {
        self.connection.is_none()
    }

    /// From now on it has a task of its own: it becomes something else, or reads and writes while nobody waits for its answer.
    pub(crate) fn detach(&mut self) {
        if let Some(connection) = self.connection.take() {
            tokio::spawn(connection);
        }
    }

    /// Sends a request, and waits for the head of its answer.
    pub(crate) async fn send(
        &mut self,
        request: Request<Outgoing>,
    ) -> Result<Response<Incoming>, Unsent> {
        let mut sent = pin!(self.sender.try_send_request(request));
        let connection = &mut self.connection;
        let answered = poll_fn(|cx| {
            if let Some(driven) = connection {
                // The answer can only come while the connection is driven, so nobody needs to be woken for it.
                let mut nobody = Context::from_waker(Waker::noop());
                if let Poll::Ready(answered) = sent.as_mut().poll(&mut nobody) {
                    return Poll::Ready(answered);
                }
                if driven.as_mut().poll(cx).is_pending() {
                    return sent.as_mut().poll(&mut nobody);
                }
                *connection = None;
            }
            sent.as_mut().poll(cx)
        });
        answered.await.map_err(|mut error| match error.take_message() {
            Some(request) => Unsent::Whole(Box::new(request)),
            None => Unsent::Lost,
        })
    }
}

impl fmt::Debug for One {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("One").field("sender", &self.sender).finish_non_exhaustive()
    }
}
