//! Virtual time: who sleeps, and when it passes.

use std::time::Duration;

use super::Process;

impl Process {
    /// Registers a sleeper.
    pub(in crate::fake) fn lie_down(&self, until: Duration) -> u64 {
        let mut inner = self.inner();
        inner.serial += 1;
        inner.activity += 1;
        let id = inner.serial;
        inner.sleepers.insert(id, until);
        id
    }

    /// Forgets a sleeper.
    pub(in crate::fake) fn get_up(&self, id: u64) {
        let mut inner = self.inner();
        inner.activity += 1;
        inner.sleepers.remove(&id);
    }

    /// Lets time pass to the next moment somebody waits for, if nothing was done since `seen`.
    pub(in crate::fake) fn pass_time(&self, seen: u64) -> u64 {
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
}
