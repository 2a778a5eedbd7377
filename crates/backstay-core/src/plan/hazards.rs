//! What speaks against a second container of a service, even for a while: data that both would write, work that both would
//! do, visitors who would find it before it has proved itself.

use std::path::Path;

use serde_json::Value;

use super::change::Why;
use super::desired::Desired;
use super::facts::Facts;
use crate::engine::ImageFacts;
use crate::stack::{Condition, Model, Mount, MountKind, Restart, Service, holds_no_data};

/// Images that own data in a way that does not bear a second process beside the first.
const DATABASES: [&str; 26] = [
    "cassandra",
    "clickhouse",
    "cockroach",
    "couchdb",
    "elasticsearch",
    "etcd",
    "influxdb",
    "kafka",
    "keydb",
    "mariadb",
    "memcached",
    "minio",
    "mongo",
    "mongodb",
    "mssql",
    "mysql",
    "opensearch",
    "percona",
    "postgis",
    "postgres",
    "postgresql",
    "rabbitmq",
    "redis",
    "timescaledb",
    "valkey",
    "zookeeper",
];

/// Parts of paths whose files two processes may write side by side: each its own, or nobody's loss.
const HARMLESS: [&str; 14] = [
    "cache",
    "caches",
    ".cache",
    "log",
    "logs",
    "media",
    "node_modules",
    "static",
    "tmp",
    "temp",
    "upload",
    "uploads",
    "assets",
    "public",
];

/// The same where another service uses them too: a socket or a pid file is in no such place.
const HARMLESS_TO_SHARE: [&str; 2] = ["log", "logs"];

/// Endings of files that are databases.
const DATABASE_FILES: [&str; 5] = ["db", "sqlite", "sqlite3", "mdb", "mv.db"];

/// Labels that nobody routes by.
const QUIET_LABELS: [&str; 7] = [
    "backstay.",
    "com.centurylinklabs.watchtower",
    "com.docker.",
    "desktop.docker.",
    "maintainer",
    "org.label-schema.",
    "org.opencontainers.",
];

/// What a program can know that it runs in a rehearsal, or for a test, by.
pub const REHEARSAL_VARIABLE: &str = "BACKSTAY_REHEARSAL";

/// Variables that proxies read from running containers.
pub const PROXY_VARIABLES: [&str; 12] = [
    "CERT_NAME",
    "HTTPS_METHOD",
    "LETSENCRYPT_EMAIL",
    "LETSENCRYPT_HOST",
    "NETWORK_ACCESS",
    "VIRTUAL_DEST",
    "VIRTUAL_HOST",
    "VIRTUAL_HOST_MULTIPORTS",
    "VIRTUAL_PATH",
    "VIRTUAL_PORT",
    "VIRTUAL_PROTO",
    "VIRTUAL_ROOT",
];

/// Makes the environment of a container (`NAME=value`) that of its rehearsal: without what proxies read.
pub fn rehearse_environment(lines: &mut Vec<Value>) {
    lines.retain(|line| {
        let name = line.as_str().map(|line| line.split('=').next().unwrap_or(line));
        !name.is_some_and(|name| PROXY_VARIABLES.contains(&name) || name == REHEARSAL_VARIABLE)
    });
    lines.push(Value::String(format!("{REHEARSAL_VARIABLE}=1")));
}

/// The name of the database that a service is, or what makes it one.
pub(super) fn database(service: &Service, facts: Option<&Facts>) -> Option<String> {
    let by_name = database_by_name(service);
    by_name.or_else(|| {
        let image = facts?.image.clone().unwrap_or_default();
        image.database(&command(service))
    })
}

/// Whether a service is a database, by its name or by what its image says.
pub(crate) fn is_database(service: &Service, image: Option<&ImageFacts>) -> bool {
    let image = image.cloned().unwrap_or_default();
    database_by_name(service).is_some() || image.database(&command(service)).is_some()
}

/// By the name of its image. What is pulled is known by any part of its name (`clickhouse/clickhouse-server`); what is built,
/// by its whole name only: `mongo-api` is no database.
fn database_by_name(service: &Service) -> Option<String> {
    let reference = service.image.split('@').next().unwrap_or_default();
    let mut parts = reference.split('/').map(|part| part.split(':').next().unwrap_or(part));
    let is_known = |name: &&str| DATABASES.contains(name);
    if service.is_application() {
        return parts.next_back().filter(|name| is_known(name)).map(str::to_owned);
    }
    // An image's name says what it is for, too: `postgres-exporter` reads from one, and is none.
    let is_helper = |part: &&str| {
        ["exporter", "commander", "express", "insight", "proxy", "ui", "admin"]
            .iter()
            .any(|word| part.split(['-', '_']).any(|piece| piece == *word))
    };
    if parts.clone().next_back().is_some_and(|last| is_helper(&last)) {
        return None;
    }
    parts.flat_map(|part| part.split(['-', '_'])).find(is_known).map(str::to_owned)
}

/// What two containers of the service would write at once.
pub(super) fn data(service: &Service, model: &Model, facts: Option<&Facts>) -> Vec<Why> {
    let mut why = Vec::new();
    for mount in service.mounts.iter().filter(|mount| !mount.read_only) {
        if let Some(reason) = written(service, mount, model, facts) {
            why.push(reason);
        }
    }
    let image = facts.and_then(|facts| facts.image.as_ref());
    let declared = image.into_iter().flat_map(|image| &image.volumes);
    let declared = declared.filter(|path| !has_part(path, &HARMLESS));
    // What is mounted there otherwise is judged above.
    let open = declared.filter(|path| !service.mounts.iter().any(|mount| &mount.target == *path));
    why.extend(open.map(|path| Why::ImageVolume { path: path.clone() }));
    why
}

fn written(service: &Service, mount: &Mount, model: &Model, facts: Option<&Facts>) -> Option<Why> {
    let source = if mount.source.is_empty() { &mount.target } else { &mount.source };
    match mount.kind {
        MountKind::Volume => {}
        MountKind::Bind if is_systems(mount) => return None,
        MountKind::Bind => {
            // Of a file, only one that is a database; a folder that is not there yet will be one.
            let is_file = facts.is_some_and(|facts| !facts.folders.contains(&mount.source));
            let ending = mount.target.rsplit_once('.').map_or("", |(_, ending)| ending);
            if is_file && !DATABASE_FILES.contains(&ending) {
                return None;
            }
        }
        MountKind::Other(_) => return None,
    }
    let has = |words: &[&str]| has_part(&mount.source, words) || has_part(&mount.target, words);
    if !mount.source.is_empty() && !has(&HARMLESS_TO_SHARE) {
        let shares = |other: &&Service| {
            other.name != service.name
                && !is_awaited_to_end(model, &other.name)
                && other.mounts.iter().any(|theirs| theirs.source == mount.source)
        };
        if let Some(other) = model.services.values().find(shares) {
            return Some(Why::SharedVolume { source: source.clone(), service: other.name.clone() });
        }
    }
    (!has(&HARMLESS)).then(|| Why::Data { source: source.clone() })
}

/// Whether a mount is of the system's, or takes the place of something of it.
fn is_systems(mount: &Mount) -> bool {
    holds_no_data(Path::new(&mount.source)) || holds_no_data(Path::new(&mount.target))
}

/// Whether a part of a path, or of a volume's name, is one of these words.
fn has_part(path: &str, words: &[&str]) -> bool {
    let mut parts = path.split(['/', '\\']).flat_map(|part| part.split(['-', '_']).chain([part]));
    parts.any(|part| words.contains(&part.to_ascii_lowercase().as_str()))
}

/// What lets others find a container of the service before it has its names: labels, its hostname, variables.
pub(super) fn found_by(service: &Service, facts: Option<&Facts>) -> Option<Why> {
    let label = labels(service).into_iter().next().map(|(name, _)| name);
    let image = facts.and_then(|facts| facts.image.as_ref());
    let label = label.or_else(|| image?.labels.first().cloned());
    if let Some(name) = label {
        return Some(Why::FoundByLabel { label: name });
    }
    if let Some(name) = variables(service).find(|name| PROXY_VARIABLES.contains(&name.as_str())) {
        return Some(Why::FoundByVariable { variable: name });
    }
    let hostname = service.raw.get("hostname").and_then(Value::as_str);
    let hostname = hostname.filter(|name| !name.is_empty() && !service.networks.is_empty());
    hostname.map(|name| Why::FoundByHostname { hostname: name.to_owned() })
}

/// The labels of the service that somebody may route by, with their values.
pub(crate) fn labels(service: &Service) -> Vec<(String, String)> {
    let labels = service.raw.get("labels").and_then(Value::as_object).into_iter().flatten();
    let loud = labels.filter(|(name, _)| !QUIET_LABELS.iter().any(|quiet| name.starts_with(quiet)));
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    loud.map(|(name, value)| (name.clone(), text(value))).collect()
}

fn variables(service: &Service) -> impl Iterator<Item = String> {
    let variables = service.raw.get("environment").and_then(Value::as_object);
    variables.into_iter().flatten().map(|(name, _)| name.clone())
}

/// Whether nobody asks the service anything: then a second container of it wins nothing, and does its work twice.
pub(super) fn is_worker(service: &Service, model: &Model, facts: Option<&Facts>) -> bool {
    let Some(facts) = facts else { return false };
    let has = |key: &str| {
        service.raw.get(key).and_then(Value::as_array).is_some_and(|list| !list.is_empty())
    };
    let is_asked = facts.listens == Some(true)
        || !service.ports.is_empty()
        || has("expose")
        || facts.image.as_ref().is_some_and(|image| !image.ports.is_empty())
        || !service.probes.is_empty()
        || found_by(service, Some(facts)).is_some()
        || service.networks.values().any(|network| !network.aliases.is_empty())
        || model.services.values().any(|other| relies_on(other, &service.name));
    !is_asked
}

/// Whether nothing of the service's containers can be asked, as far as it is known: they are seen to run, and no more.
pub(super) fn is_only_seen(desired: &Desired<'_>, service: &Service) -> bool {
    let Some(facts) = desired.facts.get(&service.name) else { return false };
    let Some(image) = facts.image.as_ref() else { return false };
    service.is_silent()
        && image.ports.is_empty()
        && !image.checks
        && facts.listens != Some(true)
        && !is_awaited_to_end(desired.model, &service.name)
        && (service.restart == Restart::Always || !service.may_complete())
}

/// Whether a service says that it needs another one while it runs.
pub(super) fn relies_on(service: &Service, name: &str) -> bool {
    let waits = service.depends_on.get(name);
    waits.is_some_and(|dep| dep.condition != Condition::ServiceCompletedSuccessfully)
        || linked(service).any(|linked| linked == name)
}

/// The services that `links` names.
pub(super) fn linked(service: &Service) -> impl Iterator<Item = &str> {
    let links = service.raw.get("links").and_then(Value::as_array).into_iter().flatten();
    links.filter_map(Value::as_str).map(|link| link.split(':').next().unwrap_or(link))
}

/// Whether others wait for the service to end with exit code 0.
pub(super) fn is_awaited_to_end(model: &Model, name: &str) -> bool {
    model.services.values().any(|other| {
        let dependency = other.depends_on.get(name);
        dependency.is_some_and(|dep| dep.condition == Condition::ServiceCompletedSuccessfully)
    })
}

/// The words of `entrypoint` and `command`.
fn command(service: &Service) -> Vec<String> {
    let words = ["entrypoint", "command"].into_iter().filter_map(|key| service.raw.get(key));
    words
        .flat_map(|value| match value {
            Value::String(text) => vec![text.clone()],
            Value::Array(list) => {
                list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            _ => Vec::new(),
        })
        .collect()
}
