//! A container, read from what `docker inspect` prints of it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use backstay_core::engine::{Container, Health, HostPort, State, Status};
use serde_json::Value;

/// Labels that Compose and Backstay put on containers.
pub(crate) mod label {
    pub(crate) const PROJECT: &str = "com.docker.compose.project";
    pub(crate) const SERVICE: &str = "com.docker.compose.service";
    pub(crate) const NUMBER: &str = "com.docker.compose.container-number";
    pub(crate) const ONEOFF: &str = "com.docker.compose.oneoff";
    pub(crate) const HASH: &str = "com.docker.compose.config-hash";
    pub(crate) const DEPENDS_ON: &str = "com.docker.compose.depends_on";
    pub(crate) const NETWORK: &str = "com.docker.compose.network";
    pub(crate) const COMPOSE_VERSION: &str = "com.docker.compose.version";
    /// What every label of Compose's begins with.
    pub(crate) const COMPOSE: &str = "com.docker.compose.";
    /// What every label of Backstay's begins with.
    pub(crate) const OWN: &str = "backstay.";
    pub(crate) const RUN: &str = "backstay.run";
    pub(crate) const FINGERPRINT: &str = "backstay.fingerprint";
    /// Which containers it was made to take the place of.
    pub(crate) const REPLACES: &str = "backstay.replaces";
    /// The names that the gateway has for it, by network, as JSON.
    pub(crate) const INSIDE: &str = "backstay.inside";
    /// On which machine, and where, its run has its journal.
    pub(crate) const STATE: &str = "backstay.state";
    pub(crate) const DIRECTORY: &str = "com.docker.compose.project.working_dir";
    pub(crate) const FILES: &str = "com.docker.compose.project.config_files";
    pub(crate) const REHEARSAL: &str = "backstay.rehearsal";
    /// The hooks of the service that a container was created from, as JSON.
    pub(crate) const HOOKS: &str = "backstay.hooks";
    /// What Compose puts on the containers in which `pre_start` hooks run.
    pub(crate) const HOOK: &str = "com.docker.compose.hook";
}

/// Reads a container. What is not there is empty: an engine's answer is never refused for a field.
pub(crate) fn from_inspect(value: &Value) -> Container {
    let id = text(value, "/Id");
    Container {
        name: text(value, "/Name").trim_start_matches('/').to_owned(),
        service: label(value, label::SERVICE).unwrap_or_default().to_owned(),
        number: label(value, label::NUMBER).and_then(|n| n.parse().ok()).unwrap_or(1),
        image: text(value, "/Image"),
        image_ref: text(value, "/Config/Image"),
        run: label(value, label::RUN).map(str::to_owned),
        fingerprint: label(value, label::FINGERPRINT).map(str::to_owned),
        rehearsal: label(value, label::REHEARSAL) == Some("true"),
        compose_hash: label(value, label::HASH).map(str::to_owned),
        state: state(value),
        networks: networks(&id, value),
        addresses: addresses(value),
        labels: labels(value),
        ports: ports(value),
        created: text(value, "/Created"),
        replaces: list(label(value, label::REPLACES)),
        inside: label(value, label::INSIDE).is_some(),
        kept_at: label(value, label::STATE).map(str::to_owned),
        directory: label(value, label::DIRECTORY).map(PathBuf::from),
        files: list(label(value, label::FILES)).into_iter().map(PathBuf::from).collect(),
        id,
    }
}

/// The value of a label.
pub(crate) fn label<'a>(inspect: &'a Value, name: &str) -> Option<&'a str> {
    inspect.get("Config")?.get("Labels")?.get(name)?.as_str()
}

/// What a label lists with commas between.
fn list(text: Option<&str>) -> Vec<String> {
    let parts = text.unwrap_or_default().split(',').map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// The short form of an id.
pub(crate) fn short(id: &str) -> &str {
    if id.len() == 64 { &id[..12] } else { id }
}

/// The DNS names in an endpoint's settings, without the short id that older engines add by themselves.
pub(crate) fn aliases(id: &str, endpoint: &Value) -> Vec<String> {
    let short = short(id);
    let mut names = Vec::new();
    for name in endpoint.get("Aliases").and_then(Value::as_array).into_iter().flatten() {
        if let Some(name) = name.as_str().filter(|name| *name != short)
            && !names.iter().any(|known| known == name)
        {
            names.push(name.to_owned());
        }
    }
    names
}

fn networks(id: &str, value: &Value) -> BTreeMap<String, Vec<String>> {
    let networks = value.pointer("/NetworkSettings/Networks").and_then(Value::as_object);
    let mut names = BTreeMap::new();
    for (name, endpoint) in networks.into_iter().flatten() {
        names.insert(name.clone(), aliases(id, endpoint));
    }
    names
}

/// The address of each network, the IPv4 one where there are two.
fn addresses(value: &Value) -> BTreeMap<String, String> {
    let networks = value.pointer("/NetworkSettings/Networks").and_then(Value::as_object);
    let address = |endpoint: &Value| {
        let at =
            |key: &str| Some(endpoint.get(key)?.as_str()?.to_owned()).filter(|a| !a.is_empty());
        at("IPAddress").or_else(|| at("GlobalIPv6Address"))
    };
    let joined = networks.into_iter().flatten();
    joined.filter_map(|(name, endpoint)| Some((name.clone(), address(endpoint)?))).collect()
}

/// The labels that are neither Compose's nor Backstay's.
fn labels(value: &Value) -> BTreeMap<String, String> {
    let labels = value.pointer("/Config/Labels").and_then(Value::as_object).into_iter().flatten();
    let others = labels
        .filter(|(name, _)| !name.starts_with(label::COMPOSE) && !name.starts_with(label::OWN));
    others.filter_map(|(name, text)| Some((name.clone(), text.as_str()?.to_owned()))).collect()
}

/// A range of host ports is none of them: the engine chooses when the container starts.
fn ports(value: &Value) -> Vec<HostPort> {
    let bindings = value.pointer("/HostConfig/PortBindings").and_then(Value::as_object);
    let mut ports = Vec::new();
    for (target, bindings) in bindings.into_iter().flatten() {
        for binding in bindings.as_array().into_iter().flatten() {
            if let Ok(port @ 1..) = text(binding, "/HostPort").parse() {
                let protocol = target.split_once('/').map_or("tcp", |(_, protocol)| protocol);
                let address = text(binding, "/HostIp");
                ports.push(HostPort { address, port, protocol: protocol.to_owned() });
            }
        }
    }
    ports.sort();
    ports
}

fn state(value: &Value) -> State {
    let state = value.get("State").unwrap_or(&Value::Null);
    let running = state.get("Running").and_then(Value::as_bool).unwrap_or(false);
    let status = match text(state, "/Status").as_str() {
        "created" => Status::Created,
        "running" => Status::Running,
        "paused" => Status::Paused,
        "restarting" => Status::Restarting,
        "exited" => Status::Exited,
        "removing" | "dead" => Status::Dead,
        _ if running => Status::Running,
        _ => Status::Exited,
    };
    // The engine's zero time stands for "never".
    let started_at = Some(text(state, "/StartedAt")).filter(|at| !at.starts_with("0001-"));
    State {
        status,
        exit_code: state.get("ExitCode").and_then(Value::as_i64).unwrap_or(0),
        restarts: value
            .get("RestartCount")
            .and_then(Value::as_u64)
            .map_or(0, |count| u32::try_from(count).unwrap_or(u32::MAX)),
        started_at: started_at.unwrap_or_default(),
        oom_killed: state.get("OOMKilled").and_then(Value::as_bool).unwrap_or(false),
        error: text(state, "/Error"),
        health: health(state),
        health_log: health_log(state),
    }
}

fn health(state: &Value) -> Option<Health> {
    match state.pointer("/Health/Status")?.as_str()? {
        "starting" => Some(Health::Starting),
        "healthy" => Some(Health::Healthy),
        "unhealthy" => Some(Health::Unhealthy),
        _ => None,
    }
}

fn health_log(state: &Value) -> Vec<String> {
    let log = state.pointer("/Health/Log").and_then(Value::as_array);
    let outputs = log.into_iter().flatten().filter_map(|probe| probe.get("Output")?.as_str());
    outputs.map(|output| output.trim_end().to_owned()).filter(|output| !output.is_empty()).collect()
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_inspect_prints_is_read() {
        let container = from_inspect(&json!({
            "Id": "0123456789abcdef".repeat(4), "Name": "/shop-web-2.new-7", "Image": "sha256:aa",
            "Created": "2024-01-29T14:30:52Z", "RestartCount": 3,
            "State": {"Status": "running", "Running": true, "ExitCode": 0, "OOMKilled": false,
                "StartedAt": "2024-01-29T14:30:53Z", "Error": "",
                "Health": {"Status": "starting", "Log": [{"Output": "connection refused\n"}, {"Output": ""}]}},
            "Config": {"Image": "shop-web", "Labels": {
                "com.docker.compose.service": "web", "com.docker.compose.container-number": "2",
                "com.docker.compose.config-hash": "h", "backstay.run": "7", "backstay.fingerprint": "f"}},
            "HostConfig": {"PortBindings": {
                "80/tcp": [{"HostIp": "", "HostPort": "8080"}, {"HostIp": "::1", "HostPort": "8090-8091"}],
                "53/udp": [{"HostIp": "127.0.0.1", "HostPort": "53"}], "81/tcp": null}},
            "NetworkSettings": {"Networks": {
                "shop_default": {"Aliases": ["shop-web-2", "web", "0123456789ab", "web"]},
                "shop_back": {"Aliases": null}}},
        }));
        assert_eq!((container.service.as_str(), container.number), ("web", 2));
        assert_eq!(container.name, "shop-web-2.new-7");
        assert_eq!(container.networks["shop_default"], ["shop-web-2", "web"]);
        assert!(container.networks["shop_back"].is_empty());
        let ports: Vec<_> = container
            .ports
            .iter()
            .map(|p| (p.address.as_str(), p.port, p.protocol.as_str()))
            .collect();
        assert_eq!(ports, [("", 8080, "tcp"), ("127.0.0.1", 53, "udp")]);
        assert_eq!(container.state.restarts, 3);
        assert_eq!(container.state.health, Some(Health::Starting));
        assert_eq!(container.state.health_log, ["connection refused"]);
        assert_eq!(container.run.as_deref(), Some("7"));
        assert!(!container.rehearsal);
    }

    #[test]
    fn a_status_of_a_newer_engine_is_no_error() {
        let status = |json: Value| from_inspect(&json).state.status;
        assert_eq!(
            status(json!({"State": {"Status": "stopping", "Running": true}})),
            Status::Running
        );
        assert_eq!(status(json!({"State": {"Status": "removing"}})), Status::Dead);
        assert_eq!(status(json!({})), Status::Exited);
        let never = from_inspect(&json!({"State": {"StartedAt": "0001-01-01T00:00:00Z"}}));
        assert_eq!(never.state.started_at, "");
    }
}
