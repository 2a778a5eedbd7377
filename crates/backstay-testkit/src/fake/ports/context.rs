//! The world of an operation, as a process has it.

use std::sync::Arc;

use backstay_core::Leading;
use backstay_core::context::{Cancel, Context, Memory};
use backstay_core::ports::{Engine, Silent};
use backstay_core::secrets::Secrets;

use super::commands::FakeHost;
use crate::fake::certificates::FakeCertificates;
use crate::fake::process::Process;
use crate::fake::stack::state;

impl Process {
    /// What an operation asks for; nobody is told, and nobody stops it.
    #[must_use]
    pub fn context(&self) -> Context {
        let engine: Arc<dyn Engine> = Arc::new(self.engine());
        Context {
            handover: Arc::new(Leading::new(engine.clone())),
            engine,
            commands: Arc::new(FakeHost::new(self.clone())),
            clock: Arc::new(self.clock()),
            state: state(),
            store: Arc::new(self.store()),
            certificates: Arc::new(FakeCertificates),
            locks: Arc::new(self.locks()),
            reporter: Arc::new(Silent),
            home: None,
            host: "machine".to_owned(),
            cancel: Cancel::never(),
            command: "backstay".to_owned(),
            secrets: Secrets::default(),
            memory: Memory::default(),
        }
    }
}
