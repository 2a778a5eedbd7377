//! Versions.

use backstay_core::digest::digest;
use backstay_core::engine::{EngineInfo, EngineResult};
use serde_json::Value;

use crate::compose;
use crate::connection::Connection;
use crate::scratch::Scratch;

/// Versions of engine and Compose. Fails when one is missing, stopped or too old.
pub(crate) async fn info(
    engine: impl Future<Output = EngineResult<&Connection>>,
) -> EngineResult<EngineInfo> {
    let (compose, engine) = tokio::join!(compose::version(), engine);
    // Without any program of Docker's, that is what to tell; else the engine comes first.
    if let Err(error) = &compose
        && error.kind == backstay_core::engine::EngineErrorKind::NotInstalled
    {
        return Err(error.clone());
    }
    let engine = engine?;
    Scratch::sweep();
    Ok(EngineInfo {
        engine: engine.engine.clone(),
        api: engine.api.clone(),
        compose: compose?,
        host: engine.host.clone(),
    })
}

/// The engine's own id. Podman makes up another one for each question: there it is that of the machine and of the place where
/// it keeps its containers.
pub(crate) async fn id(engine: &Connection) -> EngineResult<String> {
    let action = "asking the engine for its id";
    let info = engine.api().get(action, "/info").await?.unwrap_or_default();
    let text = |key: &str| info.get(key).and_then(Value::as_str).unwrap_or_default();
    let podman = engine.engine.starts_with("Podman");
    Ok(match text("ID") {
        id if !podman && !id.is_empty() => id.to_owned(),
        _ if podman => derived("podman", text("Name"), text("DockerRootDir")),
        _ => derived("engine", text("Name"), text("DockerRootDir")),
    })
}

fn derived(kind: &str, machine: &str, place: &str) -> String {
    let sum = digest(format!("{machine}\n{place}").as_bytes());
    let sum = sum.split_once(':').map_or(sum.as_str(), |(_, hex)| hex);
    format!("{kind}-{}", &sum[..sum.len().min(20)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_derived_id_stays_and_differs_by_machine_and_place() {
        let id = derived("podman", "box", "/var/lib/containers/storage");
        assert_eq!(id, derived("podman", "box", "/var/lib/containers/storage"));
        assert!(id.starts_with("podman-") && id.len() == 27, "{id}");
        assert_ne!(id, derived("podman", "other", "/var/lib/containers/storage"));
        assert_ne!(id, derived("podman", "box", "/home/a/.local/share/containers/storage"));
    }
}
