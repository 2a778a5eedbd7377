//! Calls that change something and outlive whoever asked for them.
//!
//! A run that is interrupted drops the future that creates containers, while the engine may just be making one. Such calls run
//! on by themselves, and whoever lists containers afterwards waits for them, so that none is overlooked.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

/// How long a list waits at most.
const PATIENCE: Duration = Duration::from_secs(30);

/// Counts calls.
#[derive(Clone)]
pub(crate) struct InFlight {
    count: Arc<watch::Sender<usize>>,
}

/// One call.
struct Guard {
    count: Arc<watch::Sender<usize>>,
}

impl Default for InFlight {
    fn default() -> Self {
        Self { count: Arc::new(watch::Sender::new(0)) }
    }
}

impl InFlight {
    /// Runs a call to its end, whether anybody still waits for it or not. `None` when it panicked.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        call: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let guard = self.enter();
        let task = tokio::spawn(async move {
            let _guard = guard;
            call.await
        });
        task.await.ok()
    }

    /// Waits until no call is under way.
    pub(crate) async fn settled(&self) {
        let mut count = self.count.subscribe();
        // What takes longer than this is told by whatever comes next.
        let _ = tokio::time::timeout(PATIENCE, count.wait_for(|count| *count == 0)).await;
    }

    fn enter(&self) -> Guard {
        self.count.send_modify(|count| *count += 1);
        Guard { count: Arc::clone(&self.count) }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.count.send_modify(|count| *count -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[tokio::test(start_paused = true)]
    async fn a_call_that_nobody_waits_for_is_waited_for_by_the_next_list() {
        let calls = InFlight::default();
        let done = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&done);
        let call = calls.run(async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            seen.store(true, Ordering::SeqCst);
        });
        assert!(tokio::time::timeout(Duration::from_millis(1), call).await.is_err());
        calls.settled().await;
        assert!(done.load(Ordering::SeqCst));
    }
}
