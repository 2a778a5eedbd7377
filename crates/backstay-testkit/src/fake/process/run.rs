//! Running a future as a process.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use super::{Ended, Process};

/// A run that polls this often without an end is taken for one that hangs.
const PATIENCE: usize = 5_000_000;

/// What unwinds a process that dies inside a synchronous call.
pub(super) struct Killed;

impl Process {
    /// Runs to the end, or until it is killed.
    ///
    /// # Panics
    /// When the future panics, or waits for something that can't happen.
    pub fn run<F: Future>(&self, future: F) -> Ended<F::Output> {
        let flag = Arc::new(Flag(AtomicBool::new(true)));
        let waker = Waker::from(Arc::clone(&flag));
        let mut context = Context::from_waker(&waker);
        let mut killed = false;
        let result = catch_unwind(AssertUnwindSafe(|| {
            let mut future = pin!(future);
            for _ in 0..PATIENCE {
                assert!(
                    flag.0.swap(false, Ordering::Relaxed),
                    "the process waits for nothing; {}",
                    self.whereabouts()
                );
                self.inner().polling = true;
                let polled = future.as_mut().poll(&mut context);
                self.inner().polling = false;
                if self.is_dead() {
                    killed = true;
                    return None;
                }
                if let Poll::Ready(value) = polled {
                    return Some(value);
                }
            }
            panic!("the process does not end; {}", self.whereabouts());
        }));
        self.inner().polling = false;
        match result {
            Ok(Some(value)) => Ended::Done(value),
            Ok(None) => Ended::Crashed,
            Err(payload) if killed || payload.is::<Killed>() => Ended::Crashed,
            Err(payload) => resume_unwind(payload),
        }
    }

    fn whereabouts(&self) -> String {
        let inner = self.inner();
        let last: Vec<&str> =
            inner.faults.points.iter().rev().take(5).map(|point| point.name.as_str()).collect();
        format!("its last calls, newest first: {}", last.join(", "))
    }
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}
