//! The machine that outlives every process on it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use backstay_core::lock::Holder;

use super::disk::Disk;
use super::engine::EngineState;
use super::platter::{Kept, Platter};
use super::pulse::Pulse;
use super::wall::wall;

/// All that a machine holds, as plain data that can be cloned and compared.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct World {
    /// Time since the machine was made.
    pub now: Duration,
    /// Its disk.
    pub disk: Disk,
    /// Its engine.
    pub engine: EngineState,
    /// What of the disk survives a loss of power, where that is of interest.
    pub platter: Option<Platter>,
}

impl World {
    /// Lets time pass; the containers live on.
    pub fn advance(&mut self, to: Duration) {
        self.engine.evolve(to);
        self.now = self.now.max(to);
    }

    /// Keeps account from now on of what is durable. All that is on the disk now is.
    pub fn lay_platter(&mut self) {
        self.platter = Some(Platter::of(&self.disk));
    }

    /// What is at a path now survives a loss of power.
    pub(super) fn make_durable(&mut self, path: &Path) {
        let Some(platter) = &mut self.platter else { return };
        match self.disk.nodes.get(path) {
            Some(node) => {
                platter.create(path, node);
                platter.hold(path, node);
                platter.sync_file(path);
            }
            None => platter.unlink(path),
        }
        path.parent().into_iter().for_each(|folder| platter.sync_dir(folder));
    }

    /// The power goes and comes back: the disk has what was durable and this of the rest, and the engine starts anew. What
    /// the engine itself keeps is taken to be durable.
    pub fn lose_power(&mut self, kept: Kept) {
        if let Some(platter) = &self.platter {
            self.disk.nodes = platter.after_power_loss(kept, self.now);
            self.lay_platter();
        }
        self.restart_engine();
    }

    /// The wall clock.
    #[must_use]
    pub fn wall(&self) -> SystemTime {
        wall(self.now)
    }
}

/// A handle on a machine.
#[derive(Clone, Default)]
pub struct Machine {
    world: Arc<Mutex<World>>,
    locks: Arc<Mutex<BTreeMap<PathBuf, (Holder, Pulse)>>>,
}

// Without the locks: they are no part of the world.
impl fmt::Debug for Machine {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lock().fmt(out)
    }
}

impl Machine {
    /// A machine with an empty disk and an engine that has nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A machine that begins as another one was.
    #[must_use]
    pub fn from_world(world: World) -> Self {
        Self { world: Arc::new(Mutex::new(world)), locks: Arc::default() }
    }

    /// A copy of all that it holds.
    #[must_use]
    pub fn snapshot(&self) -> World {
        self.lock().clone()
    }

    /// Looks at it or changes it from outside.
    pub fn with<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        act(&mut self.lock())
    }

    /// Lets time pass.
    pub fn pass(&self, time: Duration) {
        self.with(|world| world.advance(world.now + time));
    }

    /// Who holds a lock. The dead hold none.
    #[must_use]
    pub fn lock_holder(&self, path: &Path) -> Option<Holder> {
        let locks = self.locks();
        let (holder, pulse) = locks.get(path)?;
        (!pulse.has_stopped()).then(|| holder.clone())
    }

    pub(super) fn hold(&self, path: &Path, holder: &Holder, pulse: &Pulse) {
        self.locks().insert(path.to_owned(), (holder.clone(), pulse.clone()));
    }

    pub(super) fn let_go(&self, path: &Path, pulse: &Pulse) {
        let mut locks = self.locks();
        if locks.get(path).is_some_and(|(_, owner)| owner.is_same(pulse)) {
            locks.remove(path);
        }
    }

    fn locks(&self) -> MutexGuard<'_, BTreeMap<PathBuf, (Holder, Pulse)>> {
        self.locks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // A process that is killed while it holds the lock leaves data that is whole: each call is one change.
    fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
