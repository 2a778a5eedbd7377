//! Reading `copy`: a volume, or a folder of the host.

use serde_json::Value;

use super::{flag, said};
use crate::error::Result;
use crate::stack::data::{Consistency, Copy};
use crate::stack::dollars::single;
use crate::stack::place::Place;
use crate::stack::service::{Mount, MountKind};

const KEYS: [&str; 3] = ["path", "consistency", "compress"];

/// Consistency, whether it is compressed, and the path in the container.
pub(super) fn copy(place: &Place, body: &Value) -> Result<(Consistency, bool, Option<String>)> {
    let read = |place: &Place, text: Option<&str>| match text {
        Some("stop") => Ok(Consistency::Stop),
        Some("pause") => Ok(Consistency::Pause),
        Some("none") => Ok(Consistency::None),
        _ => Err(place.error("must be `stop`, `pause` or `none`")),
    };
    if let Value::String(text) = body {
        return Ok((read(place, Some(text))?, true, None));
    }
    let map = place.mapping(body, &KEYS)?;
    let consistency = match said(map, "consistency") {
        None => Consistency::Stop,
        Some(value) => read(&place.at("consistency"), value.as_str())?,
    };
    let path = match said(map, "path") {
        None => None,
        Some(Value::String(path)) if path.starts_with('/') => Some(single(path)),
        Some(_) => return Err(place.at("path").error("must be an absolute path in the container")),
    };
    Ok((consistency, flag(place, map)?.unwrap_or(true), path))
}

pub(super) fn copy_of_mount(place: &Place, body: &Value, mounts: &[Mount]) -> Result<Copy> {
    let (consistency, compress, path) = copy(place, body)?;
    let writable = |mount: &&Mount| {
        !mount.read_only
            && !mount.source.is_empty()
            && matches!(mount.kind, MountKind::Bind | MountKind::Volume)
    };
    let mut found = mounts.iter().filter(writable);
    let mount = match &path {
        Some(path) => {
            let end = |text: &str| text.trim_end_matches('/').to_owned();
            mounts.iter().filter(writable).find(|mount| end(&mount.target) == end(path))
        }
        None => found.next().filter(|_| found.next().is_none()),
    };
    let Some(mount) = mount else {
        let places: Vec<&str> =
            mounts.iter().filter(writable).map(|mount| mount.target.as_str()).collect();
        let problem = format!(
            "needs as path one of the places where the service writes a named volume or a folder of \
             the host: {}",
            if places.is_empty() { "there is none".to_owned() } else { places.join(", ") }
        );
        return Err(place.error(&problem));
    };
    let volume = mount.kind == MountKind::Volume;
    Ok(Copy { source: mount.source.clone(), volume, consistency, compress })
}
