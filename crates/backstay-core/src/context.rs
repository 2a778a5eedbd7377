//! What an operation works with.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::watch;

use crate::holder::Holder;
use crate::layout::State;
use crate::lock::Locks;
pub use crate::memory::Memory;
use crate::ports::{Certificates, Clock, Engine, Handover, HostCommands, Reporter};
use crate::release::Ground;
use crate::secrets::Secrets;
use crate::store::Store;

/// The world of an operation.
#[derive(Clone)]
pub struct Context {
    /// The engine.
    pub engine: Arc<dyn Engine>,
    /// Who leads those who use a service from one container to another.
    pub handover: Arc<dyn Handover>,
    /// Commands on this machine.
    pub commands: Arc<dyn HostCommands>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Where the state of stacks is.
    pub state: State,
    /// Durable files.
    pub store: Arc<dyn Store>,
    /// Certificates.
    pub certificates: Arc<dyn Certificates>,
    /// Locks.
    pub locks: Arc<dyn Locks>,
    /// Who is told what happens.
    pub reporter: Arc<dyn Reporter>,
    /// The home folder of whoever calls.
    pub home: Option<PathBuf>,
    /// The name of this machine, for people who find the lock taken.
    pub host: String,
    /// Whether the user wants to stop.
    pub cancel: Cancel,
    /// What is being run, for people who find the lock taken.
    pub command: String,
    /// What must not be recorded or shown. An operation adds what it learns of the stack.
    pub secrets: Secrets,
    /// What the gate keeps in mind for the time of a run.
    pub memory: Memory,
}

impl Context {
    /// The time for a record: UTC, RFC 3339.
    #[must_use]
    pub fn timestamp(&self) -> String {
        self.clock.now().timestamp().to_string()
    }

    /// A stack's folder on this machine.
    pub(crate) fn ground<'a>(&'a self, directory: &'a Path) -> Ground<'a> {
        Ground { directory, home: self.home.as_deref(), store: &*self.store }
    }

    /// This process, for whoever finds a lock or a mark of it.
    #[must_use]
    pub fn holder(&self) -> Holder {
        Holder::this_process(&self.host, &self.command, self.timestamp())
    }
}

/// A wish to stop, set from outside.
#[derive(Debug, Clone)]
pub struct Cancel(watch::Receiver<usize>);

/// Sets the wish to stop.
#[derive(Debug)]
pub struct Canceller(watch::Sender<usize>);

impl Cancel {
    /// A wish that can be set.
    #[must_use]
    pub fn new() -> (Canceller, Self) {
        let (sender, receiver) = watch::channel(0);
        (Canceller(sender), Self(receiver))
    }

    /// A wish that is never set.
    #[must_use]
    pub fn never() -> Self {
        Self::new().1
    }

    /// Whether it is set.
    #[must_use]
    pub fn is_set(&self) -> bool {
        *self.0.borrow() > 0
    }

    /// Waits until it is set; for ever, where it never is.
    pub async fn wait(&self) {
        self.more_than(0).await;
    }

    /// Waits until it is set from now on, also where it was before; for ever, where it never is.
    pub(crate) async fn wait_again(&self) {
        let now = *self.0.borrow();
        self.more_than(now).await;
    }

    async fn more_than(&self, times: usize) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|set| *set > times).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Canceller {
    /// Sets it. Returns whether it was set before.
    pub fn cancel(&self) -> bool {
        let mut before = 0;
        self.0.send_modify(|times| {
            before = *times;
            *times += 1;
        });
        before > 0
    }
}
