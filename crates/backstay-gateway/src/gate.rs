//! The gate before each service: open, shut while it is held, or letting what has waited go in steps.

use crate::stats::Problem;
use std::future::Future;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

const OPEN: u8 = 0;
const SHUT: u8 = 1;
const OPENING: u8 = 2;

/// How many are let go in the first step. Each further one is twice the step before.
const FIRST_STEP: usize = 4;
/// The time between two steps.
const STEP: Duration = Duration::from_millis(20);

/// A gate.
#[derive(Debug)]
pub(crate) struct Gate {
    state: AtomicU8,
    /// Which hold it is. A ticket of one hold is none in the next.
    round: AtomicU64,
    limit: AtomicU64,
    wait_ms: AtomicU64,
    waiting: AtomicU64,
    held: AtomicU64,
    turnstile: Semaphore,
    /// Held while the state changes.
    changing: Mutex<()>,
}

/// That one has waited, and in which hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ticket(u64);

impl Default for Gate {
    fn default() -> Self {
        Self {
            state: AtomicU8::new(OPEN),
            round: AtomicU64::new(0),
            limit: AtomicU64::new(0),
            wait_ms: AtomicU64::new(0),
            waiting: AtomicU64::new(0),
            held: AtomicU64::new(0),
            turnstile: Semaphore::new(0),
            changing: Mutex::new(()),
        }
    }
}

impl Gate {
    /// Whether whoever has this ticket, or none, may go on. Asked after one has announced oneself at a target: what is seen
    /// there before the gate was shut is counted there, and what comes later sees the gate shut.
    pub(crate) fn lets(&self, ticket: Option<Ticket>) -> bool {
        match self.state.load(SeqCst) {
            OPEN => true,
            OPENING => ticket.is_some_and(|Ticket(round)| round == self.round.load(SeqCst)),
            _ => false,
        }
    }

    pub(crate) fn is_shut(&self) -> bool {
        self.state.load(SeqCst) == SHUT
    }

    pub(crate) fn waiting(&self) -> u64 {
        self.waiting.load(SeqCst)
    }

    pub(crate) fn held(&self) -> u64 {
        self.held.load(SeqCst)
    }

    /// Passes, after waiting if need be. `gone` ends when the client has left.
    pub(crate) async fn pass(
        &self,
        gone: impl Future<Output = ()>,
    ) -> Result<Option<Ticket>, Problem> {
        if self.state.load(SeqCst) == OPEN {
            return Ok(None);
        }
        let place = Place::take(self)?;
        // The opener looks for who waits after it has opened, so one of both sees the other.
        if self.state.load(SeqCst) == OPEN {
            return Ok(None);
        }
        self.held.fetch_add(1, SeqCst);
        let round = self.round.load(SeqCst);
        let wait = Duration::from_millis(self.wait_ms.load(SeqCst));
        let passed = tokio::select! {
            biased;
            permit = self.turnstile.acquire() => {
                if let Ok(permit) = permit {
                    permit.forget();
                }
                Ok(Some(Ticket(round)))
            }
            () = gone => Err(Problem::ClientGone),
            () = tokio::time::sleep(wait) => Err(Problem::HeldTooLong),
        };
        drop(place);
        passed
    }

    /// Shuts it: from now on nothing new passes.
    pub(crate) fn shut(&self, limit: u64, wait: Duration) {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        self.limit.store(limit, SeqCst);
        self.wait_ms.store(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX), SeqCst);
        if self.state.load(SeqCst) != SHUT {
            self.round.fetch_add(1, SeqCst);
            self.state.store(SHUT, SeqCst);
        }
        self.turnstile.forget_permits(usize::MAX >> 4);
    }

    /// Lets go what waits, from now on and in steps. Says how many there are.
    pub(crate) fn open(self: &Arc<Self>) -> u64 {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = self.waiting();
        if self.state.load(SeqCst) == SHUT {
            self.state.store(OPENING, SeqCst);
            tokio::spawn(Arc::clone(self).let_go(self.round.load(SeqCst)));
        }
        waiting
    }

    async fn let_go(self: Arc<Self>, round: u64) {
        let mut step = FIRST_STEP;
        while self.waiting() > 0 {
            if !self.release(round, step) {
                return;
            }
            step = step.saturating_mul(2).min(1 << 16);
            tokio::time::sleep(STEP).await;
        }
        if !self.release(round, 0) {
            return;
        }
        // Whoever came to wait just before it was open.
        while self.waiting() > 0 && self.release(round, 1 << 16) {
            tokio::time::sleep(STEP).await;
        }
    }

    /// Lets some go, all and any with 0. Not if there is another hold meanwhile.
    fn release(&self, round: u64, step: usize) -> bool {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        if self.round.load(SeqCst) != round {
            return false;
        }
        if step == 0 {
            self.state.store(OPEN, SeqCst);
        }
        self.turnstile.add_permits(step);
        true
    }
}

/// A place among those that wait; given back when it is dropped.
struct Place<'a>(&'a Gate);

impl<'a> Place<'a> {
    fn take(gate: &'a Gate) -> Result<Self, Problem> {
        let before = gate.waiting.fetch_add(1, SeqCst);
        let place = Self(gate);
        // While it opens, nobody is turned away.
        if gate.state.load(SeqCst) == SHUT && before >= gate.limit.load(SeqCst) {
            return Err(Problem::OverLimit);
        }
        Ok(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;
    use tokio::time::Instant;

    fn gate(limit: u64, wait_ms: u64) -> Arc<Gate> {
        let gate = Arc::new(Gate::default());
        gate.shut(limit, Duration::from_millis(wait_ms));
        gate
    }

    fn wait(gate: &Arc<Gate>) -> tokio::task::JoinHandle<Result<Duration, Problem>> {
        let (gate, began) = (Arc::clone(gate), Instant::now());
        tokio::spawn(async move { gate.pass(pending()).await.map(|_| began.elapsed()) })
    }

    #[tokio::test(start_paused = true)]
    async fn what_waits_goes_in_steps_that_grow() {
        let gate = gate(1000, 10_000);
        let waiting: Vec<_> = (0..100).map(|_| wait(&gate)).collect();
        while gate.waiting() < 100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(gate.open(), 100);
        let mut times = Vec::new();
        for one in waiting {
            times.push(one.await.unwrap().unwrap().as_millis());
        }
        let by = |time| times.iter().filter(|t| **t <= time).count();
        assert_eq!((by(1), by(21), by(41), by(61), by(81)), (4, 12, 28, 60, 100));
        tokio::time::sleep(STEP * 2).await;
        assert!(gate.lets(None));
    }

    #[tokio::test(start_paused = true)]
    async fn too_many_are_turned_away_at_once_and_nobody_waits_for_too_long() {
        let gate = gate(2, 500);
        let (one, two) = (wait(&gate), wait(&gate));
        tokio::task::yield_now().await;
        assert_eq!(wait(&gate).await.unwrap(), Err(Problem::OverLimit));
        assert_eq!(one.await.unwrap(), Err(Problem::HeldTooLong));
        assert_eq!(two.await.unwrap(), Err(Problem::HeldTooLong));
        assert_eq!((gate.waiting(), gate.held()), (0, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_leaves_makes_place() {
        let gate = gate(1, 500);
        let gone = gate.pass(tokio::time::sleep(Duration::from_millis(5))).await;
        assert_eq!(gone.unwrap_err(), Problem::ClientGone);
        let other = wait(&gate);
        tokio::task::yield_now().await;
        gate.open();
        assert!(other.await.unwrap().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_ticket_of_one_hold_is_none_in_the_next() {
        let gate = gate(10, 10_000);
        let waiting = Arc::clone(&gate);
        let first = tokio::spawn(async move { waiting.pass(pending()).await });
        tokio::task::yield_now().await;
        gate.open();
        let ticket = first.await.unwrap().unwrap();
        assert!(gate.lets(ticket) && !gate.lets(None));
        gate.shut(10, Duration::from_secs(10));
        assert!(!gate.lets(ticket));
        gate.open();
        assert!(!gate.lets(ticket));
    }
}
