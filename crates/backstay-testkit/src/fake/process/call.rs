//! The calls of a process: counted, and cut short where a fault says so.

use std::future::{pending, poll_fn};
use std::panic::resume_unwind;
use std::task::Poll;

use super::Process;
use super::run::Killed;
use crate::fake::faults::{Call, Ending, Extent, Why};
use crate::fake::machine::World;

impl Process {
    /// One call of the engine.
    pub(in crate::fake) async fn call<T, E>(
        &self,
        name: String,
        how: Call,
        act: impl FnOnce(&mut World, Extent) -> Result<T, E> + Send,
        error: impl FnOnce(&str, Why) -> E + Send,
    ) -> Result<T, E> {
        self.let_others().await;
        if self.is_dead() {
            return pending().await;
        }
        match self.carry_out(&name, how, act, error) {
            Some(result) => result,
            None => pending().await,
        }
    }

    /// One call of the store.
    pub(in crate::fake) fn call_now<T, E>(
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
        let result = self.carry_out(name, how, act, error);
        result.unwrap_or_else(|| resume_unwind(Box::new(Killed)))
    }

    /// What happens after a call: events from outside, and a look at the machine.
    pub(super) fn look(&self) {
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

    /// What a call comes to; `None` where the process dies of it.
    fn carry_out<T, E>(
        &self,
        name: &str,
        how: Call,
        act: impl FnOnce(&mut World, Extent) -> Result<T, E>,
        error: impl FnOnce(&str, Why) -> E,
    ) -> Option<Result<T, E>> {
        match self.decide(name, how) {
            (Extent::Full, Ending::Return) => {
                let result = self.machine.with(|world| act(world, Extent::Full));
                if how != Call::Read {
                    self.look();
                }
                Some(result)
            }
            (extent, ending) => {
                if extent != Extent::None {
                    // What the call itself says is lost.
                    let _ = self.machine.with(|world| act(world, extent));
                    self.look();
                }
                if let Ending::Error(why) = ending {
                    return Some(Err(error(name, why)));
                }
                self.pulse.stop();
                self.machine.with(|world| world.engine.open_all());
                None
            }
        }
    }

    fn decide(&self, name: &str, how: Call) -> (Extent, Ending) {
        let mut inner = self.inner();
        inner.activity += 1;
        if how == Call::Read && !inner.faults.reads {
            return inner.faults.without_a_fault(name, how);
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
}
