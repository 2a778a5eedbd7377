//! Where a container's folder is on this machine. An engine may be anywhere, and its paths are those of its own machine: what the engine
//! sees at the folder is compared with what is here.

use std::path::PathBuf;

use backstay_core::engine::EngineResult;

use crate::connection::Connection;

#[cfg(not(target_os = "linux"))]
pub(crate) async fn find(_: &Connection, _: &str, _: &str) -> EngineResult<Option<PathBuf>> {
    // Engines run in a machine of their own there.
    Ok(None)
}

#[cfg(target_os = "linux")]
pub(crate) async fn find(
    engine: &Connection,
    id: &str,
    path: &str,
) -> EngineResult<Option<PathBuf>> {
    use crate::containers::{inspect_one, mounted_at};

    let Some(found) = inspect_one(engine, id).await? else { return Ok(None) };
    let Some(here) = mounted_at(&found, path).map(PathBuf::from) else { return Ok(None) };
    let there = same::seen_by_engine(engine, id, path).await?;
    Ok(there.filter(|there| same::seen_here(&here).as_ref() == Some(there)).map(|_| here))
}

#[cfg(target_os = "linux")]
mod same {
    use std::fs;
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    use backstay_core::engine::EngineResult;
    use base64ct::{Base64, Encoding};
    use http_body_util::{BodyExt, Empty};
    use hyper::Method;
    use jiff::Timestamp;
    use serde_json::Value;

    use crate::connection::Connection;
    use crate::container::short;
    use crate::data::archive_call;

    /// Says in an answer what the engine sees, as JSON in base64.
    const SEEN: &str = "x-docker-container-path-stat";

    /// When the folder was changed, as the engine sees it. A moment to the nanosecond belongs to one folder; a whole second may have
    /// been set, and says nothing.
    pub(super) async fn seen_by_engine(
        engine: &Connection,
        id: &str,
        path: &str,
    ) -> EngineResult<Option<Timestamp>> {
        let action = format!("looking at {path} in container {}", short(id));
        let empty = Empty::new().map_err(|never| match never {}).boxed_unsync();
        let call = archive_call(id, path);
        let answer = engine.api().send_archive(&action, Method::HEAD, &call, empty).await?;
        let seen = answer.headers().get(SEEN).and_then(|value| value.to_str().ok());
        Ok(seen.and_then(changed).filter(|changed| changed.subsec_nanosecond() != 0))
    }

    fn changed(seen: &str) -> Option<Timestamp> {
        let text = Base64::decode_vec(seen).ok()?;
        let seen: Value = serde_json::from_slice(&text).ok()?;
        seen.get("mtime")?.as_str()?.parse().ok()
    }

    pub(super) fn seen_here(folder: &Path) -> Option<Timestamp> {
        let found = fs::symlink_metadata(folder).ok().filter(fs::Metadata::is_dir)?;
        Timestamp::new(found.mtime(), i32::try_from(found.mtime_nsec()).ok()?).ok()
    }
}
