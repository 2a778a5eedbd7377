//! Containers made anew from what `docker inspect` said of others.

use std::collections::BTreeMap;

use backstay_core::engine::{ContainerFile, EngineErrorKind, EngineResult};
use backstay_core::stack::Model;
use serde_json::{Value, json};

use super::blueprint::{Blueprint, error};
use super::state::FakeMount;

/// Blueprints of the recorded containers, by service.
pub(in crate::fake) fn from_records(
    project: &str,
    records: &[Value],
) -> EngineResult<BTreeMap<String, Vec<Blueprint>>> {
    let mut all: BTreeMap<String, Vec<Blueprint>> = BTreeMap::new();
    for record in records {
        let blueprint = blueprint(project, record).ok_or_else(|| {
            error(EngineErrorKind::Other, "the record of a container lacks a part".to_owned())
        })?;
        all.entry(blueprint.service.name.clone()).or_default().push(blueprint);
    }
    for blueprints in all.values_mut() {
        blueprints.sort_by_key(|blueprint| blueprint.number);
    }
    Ok(all)
}

fn blueprint(project: &str, record: &Value) -> Option<Blueprint> {
    let label = |key: &str| record["Config"]["Labels"].get(key).and_then(Value::as_str);
    let name = label("com.docker.compose.service")?;
    let whole = json!({"name": project, "services": {name: record.get("Definition")?}});
    let service = Model::from_value(whole).ok()?.services.remove(name)?;
    let networks = record["NetworkSettings"]["Networks"].as_object()?;
    let networks = networks.iter().map(|(network, endpoint)| {
        let aliases = endpoint["Aliases"].as_array().into_iter().flatten();
        let aliases = aliases.filter_map(|alias| alias.as_str().map(str::to_owned)).collect();
        (network.clone(), (aliases, true))
    });
    let mounts = record["Mounts"].as_array()?.iter().map(|mount| {
        let volume = mount["Type"] == "volume";
        let source = if volume { &mount["Name"] } else { &mount["Source"] };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        FakeMount { source: text(source), target: text(&mount["Destination"]), volume }
    });
    Some(Blueprint {
        image: record["Image"].as_str()?.to_owned(),
        image_ref: record["Config"]["Image"].as_str()?.to_owned(),
        compose_hash: label("com.docker.compose.config-hash").map(str::to_owned),
        networks: networks.collect(),
        mounts: mounts.collect(),
        files: ContainerFile::recorded(record),
        number: label("com.docker.compose.container-number")?.parse().ok(),
        service,
    })
}
