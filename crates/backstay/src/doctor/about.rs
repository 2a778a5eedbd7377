//! What the checks know and work with.

use backstay_core::layout::Layout;
use backstay_core::secrets::Secrets;
use backstay_core::stack::{Model, StackRef};
use backstay_core::state::{State, find_in};
use backstay_core::store::DiskStore;
use backstay_docker::{DockerEngine, EngineFacts};
use jiff::Timestamp;

use crate::i18n::Language;

/// What the checks know and work with. The first ones fill it.
pub(crate) struct About {
    pub(crate) lang: Language,
    pub(crate) secrets: Secrets,
    pub(crate) store: DiskStore,
    pub(crate) engine: DockerEngine,
    /// Where what is known of stacks is.
    pub(crate) state: State,
    /// Where the records of the stack are, once that is known.
    pub(crate) layout: Option<Layout>,
    /// The stack; without one only the machine is checked.
    pub(crate) stack: Option<StackRef>,
    /// What the engine says of itself, and when it said so.
    pub(crate) facts: Option<(EngineFacts, Timestamp)>,
    /// The stack's model.
    pub(crate) model: Option<Model>,
}

impl About {
    /// Nothing is known yet.
    pub(crate) fn new(
        lang: Language,
        secrets: Secrets,
        state: State,
        stack: Option<StackRef>,
    ) -> Self {
        let engine = DockerEngine::new();
        let (layout, facts, model) = (None, None, None);
        Self { lang, secrets, store: DiskStore, engine, state, layout, stack, facts, model }
    }

    /// Finds the records.
    pub(crate) async fn find_records(&mut self) {
        let Some(stack) = &self.stack else { return };
        let found = find_in(&self.engine, &self.store, &self.state, stack).await;
        self.layout = found.ok().map(|found| found.layout);
    }

    /// The engine's facts.
    pub(crate) fn facts(&self) -> Option<&EngineFacts> {
        self.facts.as_ref().map(|(facts, _)| facts)
    }

    /// Where the stack's records are, if there are any.
    pub(crate) fn records(&self) -> Option<Layout> {
        self.layout.clone().filter(|layout| layout.root().is_dir())
    }

    /// A value of the engine's `/info`.
    pub(crate) fn info(&self, key: &str) -> Option<&str> {
        self.facts()?.info.get(key)?.as_str()
    }

    /// Whether the engine runs right on this machine, and not in a virtual machine or elsewhere.
    pub(crate) fn is_engine_here(&self) -> bool {
        let native = !self.info("OperatingSystem").is_some_and(|os| os.contains("Docker Desktop"));
        cfg!(target_os = "linux") && native && self.facts().is_some_and(|facts| facts.local)
    }
}
