//! Connections to one target that wait for the next request: a list for each thread, because a connection lives on the thread
//! that made it.

use crate::one::One;
use crate::wire::Wire;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// As many are kept on each thread.
const KEPT: usize = 128;

/// A connection that nobody uses.
#[derive(Debug)]
pub(crate) struct Idle {
    pub kept: Kept,
    /// The port of the container.
    pub to: u16,
    /// After that the other side may close it at any moment.
    pub until: Instant,
}

/// What it was used for.
#[derive(Debug)]
pub(crate) enum Kept {
    /// Plain requests: nothing is known of it.
    Raw(Arc<Wire>),
    /// Others.
    One(One),
}

impl Kept {
    fn is_free(&mut self) -> bool {
        match self {
            Self::Raw(wire) => wire.is_quiet(),
            Self::One(one) => one.is_free(),
        }
    }

    fn is_over(&mut self) -> bool {
        match self {
            Self::Raw(wire) => !wire.is_quiet(),
            Self::One(one) => one.is_over(),
        }
    }
}

/// The lists.
#[derive(Debug)]
pub(crate) struct Pools(Vec<Mutex<List>>);

#[derive(Debug, Default)]
struct List {
    idle: Vec<Idle>,
    closed: bool,
}

impl Pools {
    pub(super) fn new(threads: usize) -> Self {
        Self((0..threads).map(|_| Mutex::default()).collect())
    }

    /// The connection that was used last.
    pub(crate) fn take(&self, thread: usize, to: u16) -> Option<Kept> {
        self.take_where(thread, to, |_| true)
    }

    /// The same, of those for plain requests.
    pub(crate) fn take_raw(&self, thread: usize, to: u16) -> Option<Arc<Wire>> {
        match self.take_where(thread, to, |kept| matches!(kept, Kept::Raw(_)))? {
            Kept::Raw(wire) => Some(wire),
            Kept::One(_) => None,
        }
    }

    fn take_where(&self, thread: usize, to: u16, fits: fn(&Kept) -> bool) -> Option<Kept> {
        let mut list = self.list(thread);
        let now = Instant::now();
        while let Some(index) = list.idle.iter().rposition(|idle| idle.to == to && fits(&idle.kept))
        {
            let mut idle = list.idle.remove(index);
            if idle.until > now && idle.kept.is_free() {
                return Some(idle.kept);
            }
        }
        None
    }

    /// Keeps a connection, unless the routes have turned away meanwhile.
    pub(crate) fn put(&self, thread: usize, idle: Idle) {
        let mut list = self.list(thread);
        if !list.closed && list.idle.len() < KEPT {
            list.idle.push(idle);
        }
    }

    /// Closes those that have waited for too long.
    pub(crate) fn sweep(&self, thread: usize) {
        let now = Instant::now();
        let mut list = self.list(thread);
        list.idle.retain_mut(|idle| idle.until > now && !idle.kept.is_over());
        if list.idle.is_empty() {
            list.idle.shrink_to(0);
        }
    }

    pub(super) fn close(&self) {
        for thread in 0..self.0.len() {
            let mut list = self.list(thread);
            list.closed = true;
            list.idle.clear();
        }
    }

    pub(super) fn open(&self) {
        (0..self.0.len()).for_each(|thread| self.list(thread).closed = false);
    }

    fn list(&self, thread: usize) -> std::sync::MutexGuard<'_, List> {
        self.0[thread % self.0.len()].lock().unwrap_or_else(PoisonError::into_inner)
    }
}
