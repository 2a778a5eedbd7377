//! An answer's body on its way to the client: the service's as it comes, or a line of the gateway's own.

use super::upstream::Back;
use crate::client::Busy;
use crate::outgoing::Permission;
use crate::route::Flight;
use crate::stats::Problem;
use bytes::{Buf, Bytes};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, Waker};
use tokio::sync::futures::OwnedNotified;

/// The body.
#[derive(Debug)]
pub(super) enum Answer {
    /// The gateway's own words, or none.
    Text(Option<Bytes>),
    /// The service's.
    Relay(Relay),
}

/// A body that the service sends. What is under way ends with it.
#[derive(Debug)]
pub(super) struct Relay {
    pub inner: Incoming,
    pub flight: Flight,
    /// The connection that it comes over.
    pub back: Option<Back>,
    /// For streams: that they are to end.
    pub cut: Option<Pin<Box<OwnedNotified>>>,
    /// The service has answered, so it needs no body that it has not asked for.
    pub permission: Option<Arc<Permission>>,
    pub ended: bool,
    pub _busy: Busy,
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match self.get_mut() {
            Self::Text(text) => Poll::Ready(text.take().map(|text| Ok(Frame::data(text)))),
            Self::Relay(relay) => relay.poll(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Text(text) => text.is_none(),
            Self::Relay(relay) => relay.inner.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Text(text) => SizeHint::with_exact(text.as_ref().map_or(0, Bytes::len) as u64),
            Self::Relay(relay) => relay.inner.size_hint(),
        }
    }
}

/// An answer without a body.
pub(super) fn nothing() -> Answer {
    Answer::Text(None)
}

type Polled = Poll<Option<Result<Frame<Bytes>, Box<dyn std::error::Error + Send + Sync>>>>;

impl Relay {
    fn poll(&mut self, cx: &mut Context<'_>) -> Polled {
        let counts = &self.flight.target().counts;
        if let Some(cut) = &mut self.cut
            && cut.as_mut().poll(cx).is_ready()
        {
            counts.went_wrong(Problem::Cut);
            self.ended = true;
            return Poll::Ready(Some(Err("the stream's time was out".into())));
        }
        match poll_inner(&mut self.inner, self.back.as_mut(), cx) {
            Poll::Ready(Some(Ok(frame))) => {
                let length = frame.data_ref().map_or(0, Buf::remaining);
                counts.bytes_out.fetch_add(length as u64, Relaxed);
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => {
                counts.went_wrong(Problem::Reset);
                self.ended = true;
                self.back = None;
                Poll::Ready(Some(Err(error.into())))
            }
            Poll::Ready(None) => {
                self.end();
                Poll::Ready(None)
            }
            Poll::Pending => Poll::Pending,
        }
    }

    /// All of it has come: the connection is free for the next request.
    fn end(&mut self) {
        self.ended = true;
        if let Some(back) = self.back.take() {
            back.give();
        }
    }
}

/// The next part. What is there is taken before the connection is asked for more.
fn poll_inner(
    inner: &mut Incoming,
    back: Option<&mut Back>,
    cx: &mut Context<'_>,
) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
    if let Some(back) = back
        && !back.one.is_detached()
    {
        let mut nobody = Context::from_waker(Waker::noop());
        if let Poll::Ready(frame) = Pin::new(&mut *inner).poll_frame(&mut nobody) {
            return Poll::Ready(frame);
        }
        back.one.drive(cx);
    }
    Pin::new(inner).poll_frame(cx)
}

impl Drop for Relay {
    fn drop(&mut self) {
        if !self.ended && self.inner.is_end_stream() {
            self.end();
        }
        if !self.ended {
            self.flight.target().counts.went_wrong(Problem::ClientGone);
        }
        if let Some(permission) = &self.permission {
            permission.refuse();
        }
    }
}
