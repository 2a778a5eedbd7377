//! A process on a machine: its calls are counted, and it dies at one of them when a fault says so.

mod call;
mod run;
mod time;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::faults::{Fault, Faults, Kind, Point};
use super::machine::{Machine, World};
use super::pulse::Pulse;

/// A process. Clones are the same process.
#[derive(Clone)]
pub struct Process {
    machine: Machine,
    inner: Arc<Mutex<Inner>>,
    pulse: Pulse,
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
    polling: bool,
    /// Who sleeps until when.
    sleepers: BTreeMap<u64, Duration>,
    serial: u64,
    /// Grows with all that is done, so that time passes only when nothing is.
    activity: u64,
}

/// Looks at the machine after each change.
type Watch = Box<dyn FnMut(&World) + Send>;

impl std::fmt::Debug for Process {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Process").field("dead", &self.is_dead()).finish_non_exhaustive()
    }
}

impl Machine {
    /// Starts a process on it.
    #[must_use]
    pub fn process(&self) -> Process {
        Process::new(self.clone())
    }
}

impl Process {
    fn new(machine: Machine) -> Self {
        Self { machine, inner: Arc::default(), pulse: Pulse::default() }
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
        self.pulse.has_stopped()
    }

    /// The machine it runs on.
    #[must_use]
    pub const fn machine(&self) -> &Machine {
        &self.machine
    }

    pub(super) const fn pulse(&self) -> &Pulse {
        &self.pulse
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
