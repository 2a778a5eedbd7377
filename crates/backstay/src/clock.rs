//! The machine's own time.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use backstay_core::ports::Clock;

/// The machine's clock.
pub(crate) struct SystemClock(Instant);

impl SystemClock {
    /// A clock whose fixed moment is now.
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }
}

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> jiff::ZonedDateTime {
        jiff::ZonedDateTime::now()
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
