//! Whether a process lives, for those who hold something for it and need not know it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The pulse of a process. Clones are the same process's.
#[derive(Debug, Clone, Default)]
pub(super) struct Pulse {
    stopped: Arc<AtomicBool>,
}

impl Pulse {
    /// Whether the process was killed.
    pub(super) fn has_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }

    /// The process is killed.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
    }

    /// Whether it is the same process's.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.stopped, &other.stopped)
    }
}
