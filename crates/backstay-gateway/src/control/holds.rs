//! Who holds which service.

use backstay_routes::{Refusal, RefusalKind, Result};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A control connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SessionId(u64);

/// The holds.
#[derive(Debug, Default)]
pub(super) struct Holds {
    next: AtomicU64,
    by_service: Mutex<ByService>,
}

#[derive(Debug, Default)]
pub(super) struct ByService {
    pub holders: HashMap<String, SessionId>,
    /// An upgrade is under way: the next worker would know nothing of a hold.
    pub frozen: bool,
}

impl Holds {
    pub(super) fn session(&self) -> SessionId {
        SessionId(self.next.fetch_add(1, SeqCst))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, ByService> {
        self.by_service.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// No hold begins until `thaw`. Not where there is one.
    pub(super) fn freeze(&self) -> Result<()> {
        let mut holds = self.lock();
        if let Some(service) = holds.holders.keys().next() {
            let message = format!("`{service}` is held; upgrade when it is open again");
            return Err(Refusal::new(RefusalKind::Busy, message));
        }
        if std::mem::replace(&mut holds.frozen, true) {
            return Err(Refusal::new(RefusalKind::Busy, "an upgrade is under way already"));
        }
        Ok(())
    }

    pub(super) fn thaw(&self) {
        self.lock().frozen = false;
    }
}
