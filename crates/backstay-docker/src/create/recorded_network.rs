//! Networks that recorded containers need.

use std::collections::BTreeSet;

use backstay_core::engine::{EngineErrorKind, EngineResult};
use hyper::Method;
use serde_json::{Value, json};

use super::error;
use super::recorded_body::networks;
use crate::connection::{Connection, encode};
use crate::container::label;

/// Makes the project's own networks again where they are gone.
pub(super) async fn ensure(
    engine: &Connection,
    project: &str,
    records: &[&Value],
) -> EngineResult<()> {
    let names: BTreeSet<&String> = records.iter().copied().flat_map(networks).collect();
    for name in names {
        let action = format!("looking up network `{name}`");
        if engine.api().get(&action, &format!("/networks/{}", encode(name))).await?.is_some() {
            continue;
        }
        let Some(key) = name.strip_prefix(project).and_then(|rest| rest.strip_prefix('_')) else {
            let message = format!("network `{name}` does not exist, and is not the project's own");
            return Err(error(EngineErrorKind::NotFound, message));
        };
        let version =
            records.iter().find_map(|r| crate::container::label(r, label::COMPOSE_VERSION));
        let mut labels = json!({label::PROJECT: project, label::NETWORK: key});
        if let Some(version) = version {
            labels[label::COMPOSE_VERSION] = json!(version);
        }
        let body =
            json!({"Name": name, "Driver": "bridge", "CheckDuplicate": true, "Labels": labels});
        let action = format!("creating network `{name}`");
        match engine.api().call(&action, Method::POST, "/networks/create", Some(&body)).await {
            Err(error) if error.kind == EngineErrorKind::Conflict => {}
            other => drop(other?),
        }
    }
    Ok(())
}
