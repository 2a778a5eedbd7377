//! A request's body on its way to the service: what the client sends, as it comes.

use bytes::{Buf, Bytes};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::stats::Counts;

/// The body.
#[derive(Debug)]
pub(crate) struct Outgoing {
    inner: Incoming,
    counts: Option<Arc<Counts>>,
    permission: Option<Arc<Permission>>,
    sent: Option<Arc<AtomicBool>>,
}

impl Outgoing {
    pub(crate) fn new(inner: Incoming) -> Self {
        Self { inner, counts: None, permission: None, sent: None }
    }

    /// Set when all of it has been sent. `None`: there is nothing to send.
    pub(crate) fn sent(&mut self) -> Option<Arc<AtomicBool>> {
        if self.inner.is_end_stream() {
            return None;
        }
        Some(Arc::clone(self.sent.get_or_insert_default()))
    }

    /// Whose bytes they are.
    pub(crate) fn count_for(&mut self, counts: &Arc<Counts>) {
        self.counts = Some(Arc::clone(counts));
    }

    /// Nothing is read before there is permission.
    pub(crate) fn wait_for(&mut self, permission: Arc<Permission>) {
        self.permission = Some(permission);
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Some(permission) = &self.permission {
            match permission.poll(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(false) => {
                    return Poll::Ready(Some(Err("the service did not want the body".into())));
                }
                Poll::Ready(true) => self.permission = None,
            }
        }
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let (Some(data), Some(counts)) = (frame.data_ref(), &self.counts)
        {
            counts.bytes_in.fetch_add(data.remaining() as u64, SeqCst);
        }
        if let Some(sent) = &self.sent
            && (matches!(polled, Poll::Ready(None)) || self.inner.is_end_stream())
        {
            sent.store(true, SeqCst);
        }
        polled.map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

const WAITING: u8 = 0;
const GIVEN: u8 = 1;
const REFUSED: u8 = 2;

/// Whether the service wants the body, for requests with `Expect: 100-continue`.
#[derive(Debug, Default)]
pub(crate) struct Permission {
    state: AtomicU8,
    waker: Mutex<Option<Waker>>,
}

impl Permission {
    /// It wants it, or does not say.
    pub(crate) fn give(&self) {
        self.decide(GIVEN);
    }

    /// It has answered without it.
    pub(crate) fn refuse(&self) {
        self.decide(REFUSED);
    }

    fn decide(&self, state: u8) {
        let _ = self.state.compare_exchange(WAITING, state, SeqCst, SeqCst);
        let waker = self.waker.lock().unwrap_or_else(PoisonError::into_inner).take();
        waker.into_iter().for_each(Waker::wake);
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<bool> {
        *self.waker.lock().unwrap_or_else(PoisonError::into_inner) = Some(cx.waker().clone());
        match self.state.load(SeqCst) {
            WAITING => Poll::Pending,
            state => Poll::Ready(state == GIVEN),
        }
    }
}
