//! The container of a gateway.

use std::collections::BTreeSet;

use backstay_core::engine::{EngineError, EngineErrorKind, EngineResult, GatewayRequest};
use hyper::Method;
use serde_json::{Map, Value, json};

use super::find::{INSIDE, PORTS, PROGRAM, write_routes};
use super::image;
use super::program::Program;
use crate::connection::{Connection, encode};
use crate::container::label;

const ACTION: &str = "creating the gateway";

/// A second, as the engine counts time.
const SECOND: u64 = 1_000_000_000;

/// How long its end may take, in seconds.
const STOP: u64 = 4;

/// Creates one with its routes. It is not started.
pub(crate) async fn create(
    engine: &Connection,
    request: &GatewayRequest<'_>,
    state: &str,
) -> EngineResult<String> {
    let program = Program::find(engine).await?;
    let reference = image::ensure(engine, &program).await?;
    let body = body(request, state, &reference, &program.digest);
    let path = format!("/containers/create?name={}", encode(request.name));
    let made = match engine.api().call(ACTION, Method::POST, &path, Some(&body)).await {
        // Another stack has made the same image anew, and there was none for a moment.
        Err(error) if error.is_not_found() => {
            image::ensure(engine, &program).await?;
            engine.api().call(ACTION, Method::POST, &path, Some(&body)).await?
        }
        made => made?,
    };
    let made: Value = serde_json::from_slice(&made).unwrap_or_default();
    let id = made.get("Id").and_then(Value::as_str).unwrap_or_default().to_owned();
    if id.is_empty() {
        let message = "the engine did not say which container it made";
        return Err(EngineError::new(EngineErrorKind::Other, ACTION, message));
    }
    // The first one came with it; older engines take no more.
    for network in request.networks.iter().skip(1) {
        let path = format!("/networks/{}/connect", encode(network));
        let names = names(request, network);
        let body = json!({ "Container": id, "EndpointConfig": {"Aliases": names} });
        engine.api().call(ACTION, Method::POST, &path, Some(&body)).await?;
    }
    write_routes(engine, &id, request.routes).await?;
    Ok(id)
}

fn body(request: &GatewayRequest<'_>, state: &str, image: &str, program: &str) -> Value {
    let ports = serde_json::to_string(request.ports).unwrap_or_default();
    let inside = serde_json::to_string(request.inside).unwrap_or_default();
    let mut labels = json!({
        // Of the project, so that `up` takes it for none of its orphans.
        label::PROJECT: request.project,
        label::ONEOFF: "True",
        label::RUN: request.run,
        PORTS: ports,
        INSIDE: inside,
        PROGRAM: program,
    });
    if !state.is_empty() {
        labels[label::STATE] = json!(state);
    }
    let mut exposed = Map::new();
    let mut bindings = Map::new();
    for port in request.ports {
        let key = format!("{}/tcp", port.at);
        exposed.insert(key.clone(), json!({}));
        let ip = port.host_ip.as_deref().unwrap_or_default();
        let binding = json!([{ "HostIp": ip, "HostPort": port.host.to_string() }]);
        bindings.insert(key, binding);
    }
    let mut body = json!({
        "Image": image,
        "Labels": labels,
        "ExposedPorts": exposed,
        "StopTimeout": STOP,
        "Healthcheck": {
            "Test": ["CMD", "/backstay-gateway", "healthcheck"],
            "Interval": 10 * SECOND, "Timeout": 3 * SECOND, "Retries": 3,
        },
        "HostConfig": {
            "PortBindings": bindings,
            "RestartPolicy": {"Name": "unless-stopped"},
            "ReadonlyRootfs": true,
            "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges"],
            // It listens on the ports of services, whatever they are.
            "Sysctls": {"net.ipv4.ip_unprivileged_port_start": "0"},
        },
    });
    if let Some(network) = request.networks.first() {
        body["HostConfig"]["NetworkMode"] = json!(network);
        body["NetworkingConfig"] =
            json!({"EndpointsConfig": {network: {"Aliases": names(request, network)}}});
    }
    body
}

/// The names that it has on a network.
fn names<'a>(request: &'a GatewayRequest<'_>, network: &str) -> BTreeSet<&'a String> {
    let of_network = request.inside.values().filter_map(|networks| networks.get(network));
    of_network.flatten().collect()
}
