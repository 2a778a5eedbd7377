//! Locks that go with their process.

use std::io;
use std::path::{Path, PathBuf};

use backstay_core::lock::{Guard, Holder, Locks};
use backstay_core::{Error, Result};

use crate::fake::faults::Call;
use crate::fake::process::Process;

/// The locks that a process takes.
#[derive(Debug, Clone)]
pub struct FakeLocks {
    process: Process,
}

impl FakeLocks {
    pub(super) const fn new(process: Process) -> Self {
        Self { process }
    }
}

impl Locks for FakeLocks {
    fn acquire(&self, path: &Path, holder: &Holder) -> Result<Guard> {
        if let Some(other) = self.process.machine().lock_holder(path) {
            return Err(Error::Locked(other));
        }
        let point = format!("lock.acquire {}", path.display());
        let text = serde_json::to_vec(holder).unwrap_or_default();
        self.process.call_now(
            &point,
            Call::Atomic,
            |world, _| {
                world
                    .disk
                    .put(path, &text, 0o600, world.now)
                    .map_err(|error| Error::io("locking", path, error))
            },
            |name, _| Error::io("locking", path, io::Error::other(format!("injected: {name}"))),
        )?;
        let held = Held { process: self.process.clone(), path: path.to_owned() };
        self.process.machine().hold(&held.path, holder, self.process.pulse());
        Ok(Guard::new(held))
    }

    fn holder(&self, path: &Path) -> Result<Option<Holder>> {
        Ok(self.process.machine().lock_holder(path))
    }
}

/// A lock that is let go when this is dropped.
struct Held {
    process: Process,
    path: PathBuf,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.process.machine().let_go(&self.path, self.process.pulse());
    }
}
