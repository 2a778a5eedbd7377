//! Something that is under way to a target: a request until its answer is sent, a stream until it ends.

use super::target::Target;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

/// It is under way until this is dropped.
#[derive(Debug)]
pub(crate) struct Flight {
    target: Arc<Target>,
    stream: bool,
}

impl Flight {
    pub(super) fn begin(target: &Arc<Target>, stream: bool) -> Self {
        let flight = Self { target: Arc::clone(target), stream };
        flight.change(|count| count + 1);
        flight
    }

    pub(crate) fn target(&self) -> &Arc<Target> {
        &self.target
    }

    /// The request has turned out to be a stream.
    pub(crate) fn becomes_stream(&mut self) {
        if !self.stream {
            let other = Self::begin(&self.target, true);
            drop(std::mem::replace(self, other));
        }
    }

    fn change(&self, by: impl Fn(u64) -> u64) {
        let count = if self.stream { &self.target.streams } else { &self.target.requests };
        let _ = count.fetch_update(SeqCst, SeqCst, |count| Some(by(count)));
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.change(|count| count.saturating_sub(1));
        self.target.less();
    }
}
