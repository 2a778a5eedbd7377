//! Virtual time: it passes only while everybody sleeps, and then at once.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use backstay_core::ports::Clock;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

use crate::fake::process::Process;

/// The clock of a process.
#[derive(Debug, Clone)]
pub struct FakeClock {
    process: Process,
}

impl FakeClock {
    pub(super) const fn new(process: Process) -> Self {
        Self { process }
    }
}

#[async_trait]
impl Clock for FakeClock {
    fn now(&self) -> ZonedDateTime {
        let wall = self.process.machine().with(|world| world.wall());
        Timestamp::try_from(wall).unwrap_or_default().to_zoned_datetime(TimeZone::UTC)
    }

    fn elapsed(&self) -> Duration {
        self.process.machine().with(|world| world.now)
    }

    async fn sleep(&self, duration: Duration) {
        let until = self.elapsed() + duration;
        Nap { process: self.process.clone(), until, id: None, seen: 0 }.await;
    }
}

/// A sleep. It is polled again and again; a poll that finds that nothing was done since the last one lets time pass to
/// the next moment that anybody waits for, so that the earliest sleeper wakes first, whoever asks.
struct Nap {
    process: Process,
    until: Duration,
    id: Option<u64>,
    seen: u64,
}

impl Future for Nap {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.process.is_dead() {
            return Poll::Pending;
        }
        let until = self.until;
        if self.id.is_none() {
            self.id = Some(self.process.lie_down(until));
        } else if self.process.machine().with(|world| world.now) < until {
            self.seen = self.process.pass_time(self.seen);
        } else {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Drop for Nap {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            self.process.get_up(id);
        }
    }
}
