//! Files that are in containers and nowhere else: inline configs, configs and secrets of variables. They are read out of the
//! containers where these are recorded, so that containers can be made anew from the record alone.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::context::Context;
use crate::engine::{Container, ContainerFile, EngineResult};
use crate::error::Result;
use crate::stack::{ContentOrigin, Model};

/// Where Compose puts secrets when the model says nothing else.
const SECRETS: &str = "/run/secrets";

/// What the engine says of these containers in full, with the files that were put into them. `foreign` are the services
/// whose containers were made from another definition than the model's.
pub(crate) async fn describe(
    ctx: &Context,
    model: Option<&Model>,
    ids: &[String],
    foreign: &BTreeSet<String>,
) -> EngineResult<Vec<Value>> {
    let mut details = ctx.engine.inspect(ids).await?;
    for detail in &mut details {
        let service = service(detail).unwrap_or_default().to_owned();
        let id = detail.get("Id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut paths = BTreeSet::new();
        if let Some((model, service)) = model.and_then(|m| Some((m, m.services.get(&service)?))) {
            paths.extend(model.injected(service).into_iter().map(|file| file.target));
        }
        if foreign.contains(&service) {
            paths.insert(SECRETS.to_owned());
        }
        let mut files: Vec<ContainerFile> = Vec::new();
        for path in paths {
            files.extend(ctx.engine.files(&id, &path).await?);
        }
        files.retain(|file| !is_mounted(detail, &file.path));
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.dedup_by(|a, b| a.path == b.path);
        ContainerFile::record(detail, &files);
    }
    Ok(details)
}

/// Whether the files that the model puts into a container are in it, byte by byte.
pub(crate) async fn are_there(
    ctx: &Context,
    model: &Model,
    container: &Container,
    variable: &(dyn Fn(&str) -> Result<Option<String>> + Sync),
) -> Result<bool> {
    let Some(service) = model.services.get(&container.service) else { return Ok(true) };
    for file in model.injected(service) {
        let wanted = match file.origin {
            ContentOrigin::Text(text) => Some(text),
            ContentOrigin::Variable(name) => variable(&name)?,
        };
        let Some(wanted) = wanted.filter(|text| !text.is_empty()) else { continue };
        let found = ctx.engine.files(&container.id, &file.target).await?;
        if found.first().is_none_or(|found| found.content != wanted.as_bytes()) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn service(container: &Value) -> Option<&str> {
    container.get("Config")?.get("Labels")?.get("com.docker.compose.service")?.as_str()
}

/// Whether a path of a container is on something that is mounted there, and so no part of it.
fn is_mounted(container: &Value, path: &str) -> bool {
    let mounts = container.get("Mounts").and_then(Value::as_array).into_iter().flatten();
    mounts.filter_map(|mount| mount.get("Destination")?.as_str()).any(|place| {
        let rest = path.strip_prefix(place.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_mounted_is_no_part_of_a_container() {
        let container =
            json!({"Mounts": [{"Destination": "/run/secrets/key"}, {"Destination": "/data/"}]});
        assert!(is_mounted(&container, "/run/secrets/key"));
        assert!(is_mounted(&container, "/data/x"));
        assert!(!is_mounted(&container, "/run/secrets/keys"));
        assert!(!is_mounted(&container, "/etc/app.conf"));
    }
}
