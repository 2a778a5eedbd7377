//! Stopping without cutting anyone off: who is being served, and whether new ones are let in.

use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Threads at most; more connections wait in the kernel's queue.
const MAX_CONNECTIONS: usize = 256;

/// Shared by the accept loop, its connections and whoever ends the server.
#[derive(Debug)]
pub struct Drain {
    address: SocketAddr,
    draining: AtomicBool,
    connections: Mutex<usize>,
    changed: Condvar,
}

impl Drain {
    pub(super) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            draining: AtomicBool::new(false),
            connections: Mutex::new(0),
            changed: Condvar::new(),
        }
    }

    /// Lets nobody in any more. Requests that have arrived are still answered.
    pub fn begin(&self) {
        self.draining.store(true, Ordering::SeqCst);
        // The accept loop sleeps in the kernel: one empty connection wakes it.
        let _ = TcpStream::connect_timeout(&self.address, Duration::from_secs(1));
    }

    /// Whether [`Drain::begin`] was called.
    pub fn is_on(&self) -> bool {
        self.draining.load(Ordering::SeqCst)
    }

    /// Waits for a free thread and takes it.
    pub(super) fn enter(&self) {
        let mut count = self.lock();
        while *count >= MAX_CONNECTIONS {
            count = self.changed.wait(count).unwrap_or_else(PoisonError::into_inner);
        }
        *count += 1;
    }

    pub(super) fn leave(&self) {
        *self.lock() -= 1;
        self.changed.notify_all();
    }

    /// Waits until every connection has ended; false if some had not by then.
    pub(super) fn wait_until_empty(&self, limit: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.lock(), limit, |count| *count > 0);
        *waited.unwrap_or_else(PoisonError::into_inner).0 == 0
    }

    fn lock(&self) -> MutexGuard<'_, usize> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
