//! The real world of an operation: Docker, the disk, the clock.

use std::sync::Arc;

use backstay_core::Leading;
use backstay_core::context::{Cancel, Context, Memory};
use backstay_core::lock::FileLocks;
use backstay_core::ports::{Reporter, Silent};
use backstay_core::secrets::Secrets;
use backstay_core::stack::StackRef;
use backstay_core::state::State;
use backstay_core::store::DiskStore;
use backstay_docker::{DockerEngine, MachineCommands};

use crate::certificates::RealCertificates;
use crate::clock::SystemClock;
use crate::session::Session;
use crate::this_machine::{home, host_name};
use crate::ui::Parts;

/// What an operation works with, and who is told.
pub(super) struct World {
    state: State,
    engine: Arc<DockerEngine>,
    clock: Arc<SystemClock>,
    reporter: Arc<dyn Reporter>,
    command: String,
    secrets: Secrets,
}

/// This machine, and where its state is: said on every container, for whoever finds it from another machine.
fn origin(state: &State) -> String {
    format!("{}:{}", host_name(), state.root().display())
}

impl World {
    /// The world of this stack. Nothing is connected to yet.
    pub(super) fn new(session: &Session, stack: &StackRef) -> Self {
        Self::of_run(session, stack, Parts::default())
    }

    /// The same for a run, whose screen has these parts.
    pub(super) fn of_run(session: &Session, stack: &StackRef, parts: Parts) -> Self {
        Self {
            state: session.state(),
            engine: Arc::new(DockerEngine::new().marking(origin(&session.state()))),
            clock: Arc::new(SystemClock::start()),
            reporter: session.reporter(stack, parts),
            command: session.command(),
            secrets: session.secrets(),
        }
    }

    /// The same for operations that only read or write records: nobody is told, and nothing stops them half-way.
    pub(super) fn idle(&self) -> Context {
        Context { reporter: Arc::new(Silent), ..self.context(Cancel::never()) }
    }

    /// Docker, for what is asked of no other engine.
    pub(super) fn docker(&self) -> &DockerEngine {
        &self.engine
    }

    /// What an operation asks for.
    pub(super) fn context(&self, cancel: Cancel) -> Context {
        Context {
            handover: Arc::new(Leading::new(self.engine.clone())),
            engine: self.engine.clone(),
            commands: Arc::new(MachineCommands),
            clock: self.clock.clone(),
            state: self.state.clone(),
            store: Arc::new(DiskStore),
            certificates: Arc::new(RealCertificates),
            locks: Arc::new(FileLocks),
            reporter: self.reporter.clone(),
            home: home(),
            host: host_name(),
            cancel,
            command: self.command.clone(),
            secrets: self.secrets.clone(),
            memory: Memory::default(),
        }
    }
}
