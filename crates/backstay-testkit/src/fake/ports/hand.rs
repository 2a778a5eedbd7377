//! Handing out the ports of a process.

use std::sync::Arc;

use backstay_core::ports::Store;

use super::clock::FakeClock;
use super::engine::FakeEngine;
use super::files::PlatterFiles;
use super::locks::FakeLocks;
use super::store::MemStore;
use crate::fake::process::Process;

impl Process {
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

    /// The store that its operations work with: on a machine with a platter the core's own, on single operations of a file
    /// system.
    #[must_use]
    pub fn working_store(&self) -> Arc<dyn Store> {
        if self.machine().with(|world| world.platter.is_some()) {
            Arc::new(PlatterFiles::of(self))
        } else {
            Arc::new(self.store())
        }
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
}
