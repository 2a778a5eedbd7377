//! Volumes.

use backstay_core::engine::EngineResult;
use hyper::Method;
use serde_json::{Value, json};

use crate::connection::{Connection, encode};
use crate::container::label;
use crate::containers::tolerate_missing;

/// The names of the volumes that belong to the project.
pub(crate) async fn list(engine: &Connection, project: &str) -> EngineResult<Vec<String>> {
    let filters = json!({"label": [format!("{}={project}", label::PROJECT)]}).to_string();
    let path = format!("/volumes?filters={}", encode(&filters));
    let found = engine.api().get("listing volumes", &path).await?.unwrap_or_default();
    let volumes = found.get("Volumes").and_then(Value::as_array).into_iter().flatten();
    let names = volumes.filter_map(|volume| Some(volume.get("Name")?.as_str()?.to_owned()));
    Ok(names.collect())
}

/// Removes a volume that no container uses.
pub(crate) async fn remove(engine: &Connection, name: &str) -> EngineResult<()> {
    let path = format!("/volumes/{}", encode(name));
    let action = format!("removing volume `{name}`");
    tolerate_missing(engine.api().call(&action, Method::DELETE, &path, None).await.map(|_| ()))
}
