//! Time, so that tests own it.

use std::time::Duration;

use async_trait::async_trait;

/// A clock.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The wall clock, in the user's time zone: for names and records, never to measure with.
    fn now(&self) -> jiff::ZonedDateTime;

    /// Time since some fixed moment; never goes back.
    fn elapsed(&self) -> Duration;

    /// Waits.
    async fn sleep(&self, duration: Duration);
}
