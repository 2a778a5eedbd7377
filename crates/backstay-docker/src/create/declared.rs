//! What an image brings into a container that a create call says nothing of.

use std::collections::BTreeSet;

use serde_json::Value;

use super::inherit::clean;

/// From what `docker image inspect` prints.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Declared {
    /// Where it wants volumes.
    pub(crate) volumes: BTreeSet<String>,
    /// The names of its labels.
    pub(crate) labels: BTreeSet<String>,
}

impl Declared {
    pub(crate) fn read(image: &Value) -> Self {
        let keys = |place: &str| {
            let map = image.pointer(place).and_then(Value::as_object).into_iter().flatten();
            map.map(|(key, _)| key.as_str())
        };
        Self {
            volumes: keys("/Config/Volumes").map(clean).collect(),
            labels: keys("/Config/Labels").map(str::to_owned).collect(),
        }
    }
}
