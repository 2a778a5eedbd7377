//! What the checks know and work with.

use backstay_core::layout::Layout;
use backstay_core::secrets::Secrets;
use backstay_core::stack::{Model, StackRef};
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
    /// The stack; without one only the machine is checked.
    pub(crate) stack: Option<StackRef>,
    /// What the engine says of itself, and when it said so.
    pub(crate) facts: Option<(EngineFacts, Timestamp)>,
    /// The stack's model.
    pub(crate) model: Option<Model>,
}

impl About {
    /// Nothing is known yet.
    pub(crate) fn new(lang: Language, secrets: Secrets, stack: Option<StackRef>) -> Self {
        let engine = DockerEngine::new();
        Self { lang, secrets, store: DiskStore, engine, stack, facts: None, model: None }
    }

    /// The engine's facts.
    pub(crate) fn facts(&self) -> Option<&EngineFacts> {
        self.facts.as_ref().map(|(facts, _)| facts)
    }

    /// Where the stack's records are, if there are any.
    pub(crate) fn records(&self) -> Option<Layout> {
        let layout = Layout::new(&self.stack.as_ref()?.directory);
        layout.root().is_dir().then_some(layout)
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
