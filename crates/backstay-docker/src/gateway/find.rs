//! The gateways that are there, and the file with the routes of each.

use std::collections::BTreeSet;

use backstay_core::engine::{ContainerFile, EngineError, EngineErrorKind, EngineResult, Gateway};
use backstay_routes::Snapshot;
use serde_json::{Value, json};

use super::image::{STATE, USER};
use crate::archive;
use crate::connection::{Connection, encode};
use crate::container::label;

/// The label with the host ports that it holds, as JSON.
pub(super) const PORTS: &str = "backstay.gateway";
/// The label with the digest of its program.
pub(super) const PROGRAM: &str = "backstay.gateway.program";

/// The file with the routes, in its state.
const ROUTES: &str = "routes.json";

/// The project's gateways, in any state.
pub(crate) async fn find(engine: &Connection, project: &str) -> EngineResult<Vec<Gateway>> {
    let of_project = format!("{}={project}", label::PROJECT);
    let filters = json!({"label": [PORTS, of_project]}).to_string();
    let path = format!("/containers/json?all=true&filters={}", encode(&filters));
    let found = engine.api().get("looking for the gateway", &path).await?.unwrap_or_default();
    Ok(found.as_array().into_iter().flatten().filter_map(read).collect())
}

fn read(container: &Value) -> Option<Gateway> {
    let labels = container.get("Labels")?;
    let text = |name: &str| labels.get(name).and_then(Value::as_str).map(str::to_owned);
    let name = container.pointer("/Names/0")?.as_str()?.trim_start_matches('/').to_owned();
    let networks = container.pointer("/NetworkSettings/Networks").and_then(Value::as_object);
    let networks: BTreeSet<String> =
        networks.into_iter().flatten().map(|(name, _)| name.clone()).collect();
    Some(Gateway {
        id: container.get("Id")?.as_str()?.to_owned(),
        name,
        run: text(label::RUN),
        running: container.get("State").and_then(Value::as_str) == Some("running"),
        ports: serde_json::from_str(&text(PORTS)?).ok()?,
        networks,
        program: text(PROGRAM).unwrap_or_default(),
    })
}

/// The routes in its file.
pub(crate) async fn read_routes(engine: &Connection, id: &str) -> EngineResult<Snapshot> {
    let path = format!("{STATE}/{ROUTES}");
    let action = "reading the gateway's routes";
    let files = archive::get(engine, id, &path).await?;
    let Some(file) = files.into_iter().find(|file| file.path == path) else {
        let message = format!("{id} has none");
        return Err(EngineError::new(EngineErrorKind::NotFound, action, message));
    };
    let broken =
        |message: String| EngineError::new(EngineErrorKind::Other, action.to_owned(), message);
    let value = serde_json::from_slice(&file.content).map_err(|error| broken(error.to_string()))?;
    Snapshot::read(value).map_err(|refusal| broken(refusal.message))
}

/// Puts the file into one that does not run.
pub(crate) async fn write_routes(
    engine: &Connection,
    id: &str,
    routes: &Snapshot,
) -> EngineResult<()> {
    let file = ContainerFile {
        path: ROUTES.to_owned(),
        content: serde_json::to_vec(routes).unwrap_or_default(),
        mode: 0o600,
        owner: Some((USER, USER)),
    };
    archive::put_at(engine, id, STATE, &[file]).await
}
