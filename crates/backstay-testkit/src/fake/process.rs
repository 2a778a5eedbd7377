//! A process on a machine: it hands out the ports, and dies when a fault says so.

use std::any::Any;
use std::collections::BTreeMap;
use std::future::{Future, pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use super::clock::FakeClock;
use super::engine::FakeEngine;
use super::faults::{Call, Ending, Extent, Fault, Faults, Kind, Point, Why};
use super::locks::FakeLocks;
use super::machine::{Machine, World};
use super::store::MemStore;

/// A run that polls this often without an end is taken for one that hangs.
const PATIENCE: usize = 5_000_000;

/// A process. Clones are the same process.
#[derive(Clone)]
pub struct Process {
    machine: Machine,
    inner: Arc<Mutex<Inner>>,
}

/// How a process ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended<T> {
    /// With a result.
    Done(T),
    /// It was killed.
    Crashed,
}

impl<T> Ended<T> {
    /// The result, where there is one.
    pub fn done(self) -> Option<T> {
        match self {
            Self::Done(value) => Some(value),
            Self::Crashed => None,
        }
    }
}

#[derive(Default)]
struct Inner {
    faults: Faults,
    watch: Option<Watch>,
    dead: bool,
    polling: bool,
    /// Who sleeps until when.
    sleepers: BTreeMap<u64, Duration>,
    serial: u64,
    /// Grows with all that is done, so that time passes only when nothing is.
    activity: u64,
}

/// Looks at the machine after each change.
type Watch = Box<dyn FnMut(&World) + Send>;

/// What unwinds a process that dies inside a synchronous call.
struct Killed;

impl std::fmt::Debug for Process {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Process").field("dead", &self.is_dead()).finish_non_exhaustive()
    }
}

impl Process {
    pub(super) fn new(machine: Machine) -> Self {
        Self { machine, inner: Arc::default() }
    }

    /// The same, with this fault.
    #[must_use]
    pub fn with_fault(self, fault: Fault) -> Self {
        self.inner().faults.planned.push(fault);
        self
    }

    /// The same, where every call whose name begins so goes wrong.
    #[must_use]
    pub fn with_lasting(self, prefix: &str, kind: Kind) -> Self {
        self.inner().faults.lasting.push((prefix.to_owned(), kind));
        self
    }

    /// The same, where somebody does this to the machine right after the call with this number.
    #[must_use]
    pub fn with_event(self, at: usize, event: impl FnOnce(&mut World) + Send + 'static) -> Self {
        self.inner().faults.events.insert(at, Box::new(event));
        self
    }

    /// The same, counting calls that only read as well.
    #[must_use]
    pub fn counting_reads(self) -> Self {
        self.inner().faults.reads = true;
        self
    }

    /// The same, where [`Kind::Interrupt`] calls this.
    #[must_use]
    pub fn on_interrupt(self, stop: impl Fn() + Send + 'static) -> Self {
        self.inner().faults.stop = Some(Box::new(stop));
        self
    }

    /// The same, with a look at the machine after each change to its engine and each passing of time.
    #[must_use]
    pub fn watching(self, look: impl FnMut(&World) + Send + 'static) -> Self {
        self.inner().watch = Some(Box::new(look));
        self
    }

    /// The calls so far.
    #[must_use]
    pub fn points(&self) -> Vec<Point> {
        self.inner().faults.points.clone()
    }

    /// Whether it was killed.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.inner().dead
    }

    /// Its engine.
    #[must_use]
    pub fn engine(&self) -> FakeEngine {
        FakeEngine::new(self.clone())
    }

    /// Its store.
    #[must_use]
    pub fn store(&self) -> MemStore {
        MemStore::new(self.clone())
    }

    /// Its clock.
    #[must_use]
    pub fn clock(&self) -> FakeClock {
        FakeClock::new(self.clone())
    }

    /// Its locks.
    #[must_use]
    pub fn locks(&self) -> FakeLocks {
        FakeLocks::new(self.clone())
    }

    /// The machine it runs on.
    #[must_use]
    pub const fn machine(&self) -> &Machine {
        &self.machine
    }

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
            Err(payload) if killed || is_kill(payload.as_ref()) => Ended::Crashed,
            Err(payload) => resume_unwind(payload),
        }
    }

    /// One call of the engine.
    pub(super) async fn call<T, E>(
        &self,
        name: String,
        how: Call,
        act: impl FnOnce(&mut World, Extent) -> Result<T, E>,
        error: impl FnOnce(&str, Why) -> E,
    ) -> Result<T, E> {
        self.let_others().await;
        if self.is_dead() {
            return pending().await;
        }
        match self.decide(&name, how) {
            (Extent::Full, Ending::Return) => {
                let result = self.machine.with(|world| act(world, Extent::Full));
                if how != Call::Read {
                    self.look();
                }
                result
            }
            (extent, ending) => {
                if extent != Extent::None {
                    // What the call itself says is lost.
                    let _ = self.machine.with(|world| act(world, extent));
                    self.look();
                }
                if let Ending::Error(why) = ending {
                    return Err(error(&name, why));
                }
                self.inner().dead = true;
                pending().await
            }
        }
    }

    /// One call of the store.
    pub(super) fn call_now<T, E>(
        &self,
        name: &str,
        how: Call,
        act: impl FnOnce(&mut World, Extent) -> Result<T, E>,
        error: impl Fn(&str, Why) -> E,
    ) -> Result<T, E> {
        if self.is_dead() {
            // Destructors still run after a kill; they must neither have effects nor panic.
            if std::thread::panicking() || !self.inner().polling {
                return Err(error(name, Why::Injected));
            }
            resume_unwind(Box::new(Killed));
        }
        match self.decide(name, how) {
            (Extent::Full, Ending::Return) => {
                let result = self.machine.with(|world| act(world, Extent::Full));
                if how != Call::Read {
                    self.look();
                }
                result
            }
            (extent, ending) => {
                if extent != Extent::None {
                    let _ = self.machine.with(|world| act(world, extent));
                }
                if let Ending::Error(why) = ending {
                    return Err(error(name, why));
                }
                self.inner().dead = true;
                resume_unwind(Box::new(Killed));
            }
        }
    }

    /// Registers a sleeper.
    pub(super) fn lie_down(&self, until: Duration) -> u64 {
        let mut inner = self.inner();
        inner.serial += 1;
        inner.activity += 1;
        let id = inner.serial;
        inner.sleepers.insert(id, until);
        id
    }

    /// Forgets a sleeper.
    pub(super) fn get_up(&self, id: u64) {
        let mut inner = self.inner();
        inner.activity += 1;
        inner.sleepers.remove(&id);
    }

    /// Lets time pass to the next moment somebody waits for, if nothing was done since `seen`.
    pub(super) fn pass_time(&self, seen: u64) -> u64 {
        let now = self.machine.with(|world| world.now);
        let mut inner = self.inner();
        if inner.activity == seen {
            inner.activity += 1;
            let next = inner.sleepers.values().filter(|until| **until > now).min().copied();
            drop(inner);
            if let Some(next) = next {
                self.machine.with(|world| world.advance(next));
                self.look();
            }
            return self.inner().activity;
        }
        inner.activity
    }

    /// What happens after a call: events from outside, and a look at the machine.
    fn look(&self) {
        let done = self.inner().faults.points.len().checked_sub(1);
        let event = done.and_then(|at| self.inner().faults.events.remove(&at));
        if let Some(event) = event {
            self.machine.with(event);
        }
        // Not under the lock: whoever looks may ask the process something.
        let watch = self.inner().watch.take();
        if let Some(mut watch) = watch {
            self.machine.with(|world| watch(world));
            self.inner().watch = Some(watch);
        }
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    fn decide(&self, name: &str, how: Call) -> (Extent, Ending) {
        let mut inner = self.inner();
        inner.activity += 1;
        if how == Call::Read && !inner.faults.reads {
            return inner.faults.without_a_fault(name);
        }
        inner.faults.strike(name, how)
    }

    /// Yields once, so that futures side by side take turns.
    async fn let_others(&self) {
        let mut first = true;
        poll_fn(|context| {
            if !std::mem::replace(&mut first, false) {
                return Poll::Ready(());
            }
            self.inner().activity += 1;
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }

    fn whereabouts(&self) -> String {
        let inner = self.inner();
        let last: Vec<&str> =
            inner.faults.points.iter().rev().take(5).map(|point| point.name.as_str()).collect();
        format!("its last calls, newest first: {}", last.join(", "))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_kill(payload: &(dyn Any + Send)) -> bool {
    payload.is::<Killed>()
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}
