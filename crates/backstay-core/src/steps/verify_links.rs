//! Reading back whether what containers point to is there: linked containers, and those whose namespaces they live in.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::borrowing::lives_in;
use crate::context::Context;
use crate::engine::{Container, EngineResult, Status};
use crate::naming::is_temporary;
use crate::stack::Service;

/// What these containers of services point to and is not there.
pub(super) async fn dangling(
    ctx: &Context,
    containers: &[(&Service, &Container)],
) -> EngineResult<Vec<String>> {
    let pointing = containers.iter().filter(|(service, container)| {
        container.state.status == Status::Running
            && (service.raw.get("links").is_some() || points_to_container(service))
    });
    let pointing: Vec<&(&Service, &Container)> = pointing.collect();
    let ids: Vec<String> = pointing.iter().map(|(_, container)| container.id.clone()).collect();
    let mut differences = Vec::new();
    for (detail, (service, container)) in ctx.engine.inspect(&ids).await?.iter().zip(pointing) {
        for home in lives_in(detail) {
            let found = ctx.engine.container(home).await?;
            if found.is_none_or(|found| found.state.status != Status::Running) {
                differences.push(format!(
                    "{} lives in the namespaces of container {home}, which does not run",
                    container.name
                ));
            }
        }
        for name in linked(detail, &external(service)) {
            if is_temporary(&name) || ctx.engine.container(&name).await?.is_none() {
                let text = format!("{} has a link to {name}, which does not exist", container.name);
                differences.push(text);
            }
        }
    }
    Ok(differences)
}

fn points_to_container(service: &Service) -> bool {
    !service.borrows.is_empty()
        || ["network_mode", "pid", "ipc"].iter().any(|key| {
            let mode = service.raw.get(*key).and_then(Value::as_str);
            mode.is_some_and(|mode| mode.starts_with("container:"))
        })
}

/// The containers that a container is linked to, but for the ones that are no part of the stack.
fn linked(container: &Value, external: &BTreeSet<&str>) -> BTreeSet<String> {
    let networks = container.pointer("/NetworkSettings/Networks").and_then(Value::as_object);
    let links = networks
        .into_iter()
        .flatten()
        .filter_map(|(_, endpoint)| endpoint.get("Links").and_then(Value::as_array));
    let names = links.flatten().filter_map(Value::as_str).map(|link| {
        let name = link.split(':').next().unwrap_or(link);
        name.trim_start_matches('/').to_owned()
    });
    names.filter(|name| !external.contains(name.as_str())).collect()
}

fn external(service: &Service) -> BTreeSet<&str> {
    let links = service.raw.get("external_links").and_then(Value::as_array).into_iter().flatten();
    let links = links.filter_map(Value::as_str);
    links.map(|link| link.split(':').next().unwrap_or(link)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn links_are_read_without_those_to_others() {
        let container = json!({"NetworkSettings": {"Networks": {
            "a": {"Links": ["shop-db-1:database", "shop-db-1:db-1", "other:x"]}, "b": {"Links": null}}}});
        let found = linked(&container, &BTreeSet::from(["other"]));
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["shop-db-1"]);
    }
}
