//! Waiting until nothing is under way to a target.

use super::controller::Controller;
use crate::route::Target;
use backstay_routes::{Drained, Refusal, RefusalKind, Result};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};

/// How soon a stream is told once more to end: it may just have begun.
const AGAIN: Duration = Duration::from_millis(20);
/// How long streams have to end after they were told.
const END: Duration = Duration::from_secs(2);

impl Controller {
    /// Waits. Streams whose time is out are closed.
    pub(super) async fn drain(
        &self,
        service: &str,
        id: &str,
        at_most: Duration,
    ) -> Result<Drained> {
        let targets = self.routes.lock().await.registry.targets_of(service, id);
        if targets.is_empty() {
            let message = format!("`{service}` has no target `{id}`, and had none lately");
            return Err(Refusal::new(RefusalKind::Unknown, message));
        }
        let table = self.shared.table();
        let (drain, stream_drain) = table
            .services
            .get(service)
            .map_or((at_most, at_most), |service| (service.drain, service.stream_drain));
        let now = Instant::now();
        let requests_until = now + drain.min(at_most);
        let streams_until = now + stream_drain.min(at_most);
        let mut all = Drained::default();
        for target in &targets {
            let cut = drain_one(target, requests_until, streams_until).await;
            all.left_requests += target.requests_now();
            all.left_streams += target.streams_now();
            all.cut += cut;
        }
        Ok(all)
    }
}

/// Gives the number of streams that were cut.
async fn drain_one(target: &Arc<Target>, requests_until: Instant, streams_until: Instant) -> u64 {
    let requests = async {
        let _ = timeout_at(requests_until, target.until(|target| target.requests_now() == 0)).await;
    };
    let streams = async {
        let silent = |target: &Target| target.streams_now() == 0;
        if timeout_at(streams_until, target.until(silent)).await.is_ok() {
            return 0;
        }
        let open = target.streams_now();
        let end = Instant::now() + END;
        while target.streams_now() > 0 && Instant::now() < end {
            target.cut.notify_waiters();
            let _ = timeout(AGAIN, target.until(silent)).await;
        }
        open.saturating_sub(target.streams_now())
    };
    let ((), cut) = tokio::join!(requests, streams);
    // A request that has become a stream after the streams were looked at: an upgrade that came late.
    if target.streams_now() > 0 && cut == 0 && Instant::now() < streams_until {
        let _ = timeout_at(streams_until, target.until(|target| target.load() == 0)).await;
    }
    cut
}
