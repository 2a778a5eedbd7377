//! What a request asks for, ready to be looked up while containers are being created.

use std::collections::{BTreeMap, BTreeSet};

use backstay_core::engine::{CreateRequest, CreateService, EngineResult};
use serde_json::Value;

use crate::connection::Connection;
use crate::container::label;
use crate::containers::inspect_some;

/// The orders of a request.
pub(crate) struct Orders {
    pub(crate) project: String,
    pub(crate) run: String,
    /// On which machine, and where, the run has its journal; empty where that is not said.
    pub(crate) state: String,
    pub(crate) services: BTreeMap<String, Order>,
}

/// The order for one service.
pub(crate) struct Order {
    pub(crate) wanted: CreateService,
    /// The containers that are replaced, by number.
    pub(crate) old: BTreeMap<u32, Value>,
}

impl Orders {
    /// Sorts out a request; services that are to have no container are left out.
    pub(crate) fn new(request: &CreateRequest<'_>, old: &[Value], state: &str) -> Self {
        let wanted = request.services.iter().filter(|wanted| wanted.replicas > 0);
        let services = wanted.map(|wanted| {
            let mine = old.iter().filter(|old| {
                let id = old.get("Id").and_then(Value::as_str).unwrap_or_default();
                wanted.replaces.iter().any(|replaced| replaced == id)
            });
            let old = mine.map(|old| {
                let number = label(old, label::NUMBER).and_then(|number| number.parse().ok());
                (number.unwrap_or(1), old.clone())
            });
            (wanted.service.clone(), Order { wanted: wanted.clone(), old: old.collect() })
        });
        Self {
            project: request.project.to_owned(),
            run: request.run.to_owned(),
            state: state.to_owned(),
            services: services.collect(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.services.is_empty()
    }
}

impl Order {
    /// The numbers of the containers that are replaced.
    pub(crate) fn replaced(&self) -> BTreeSet<u32> {
        self.old.keys().copied().collect()
    }
}

/// The containers that are replaced, in full. Those that are gone have nothing to leave behind.
pub(super) async fn inspect_replaced(
    engine: &Connection,
    request: &CreateRequest<'_>,
) -> EngineResult<Vec<Value>> {
    let ids: Vec<String> =
        request.services.iter().flat_map(|wanted| wanted.replaces.iter().cloned()).collect();
    inspect_some(engine, &ids).await
}
