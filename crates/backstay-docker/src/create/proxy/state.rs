//! What the guard has seen, and how it went.

use std::collections::{BTreeMap, BTreeSet};

use backstay_core::engine::Created;

#[derive(Default)]
pub(super) struct State {
    pub(super) created: Vec<Created>,
    /// The rehearsal of each candidate that has one.
    pub(super) twins: BTreeMap<String, String>,
    /// The numbers of the containers that stay, by service.
    pub(super) visible: BTreeMap<String, BTreeSet<u32>>,
    pub(super) refused: Vec<String>,
    /// Whether Compose has looked at the containers: its files were in order then.
    pub(super) begun: bool,
    /// Whether Compose may believe that it starts containers.
    pub(super) starting: bool,
}

impl State {
    /// The containers that were created, by the names that they will have when they are live.
    pub(super) fn by_name(&self) -> BTreeMap<String, String> {
        let live = self.created.iter().filter(|new| !new.rehearsal);
        live.map(|new| (new.name.clone(), new.id.clone())).collect()
    }
}

/// How it went.
pub(crate) struct Outcome {
    /// Whether Compose got as far as looking at the project's containers.
    pub(crate) begun: bool,
    pub(crate) created: Vec<Created>,
    /// What Compose wanted to do and must not.
    pub(crate) refused: Vec<String>,
    /// A service that has fewer containers than it should.
    pub(crate) missing: Option<String>,
}
