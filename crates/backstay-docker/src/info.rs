//! Versions.

use backstay_core::ports::{EngineInfo, EngineResult};

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
        && error.kind == backstay_core::ports::EngineErrorKind::NotInstalled
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
