//! Time, so that tests own it.

use std::time::Duration;

/// A clock.
#[allow(async_fn_in_trait)] // every future of a run is polled on one thread
pub trait Clock {
    /// The wall clock, in the user's time zone: for names and records, never to measure with.
    fn now(&self) -> jiff::ZonedDateTime;

    /// Time since some fixed moment; never goes back.
    fn elapsed(&self) -> Duration;

    /// Waits.
    async fn sleep(&self, duration: Duration);
}
