//! The container of a gateway.

use backstay_core::engine::{EngineError, EngineErrorKind, EngineResult, GatewayRequest};
use hyper::Method;
use serde_json::{Map, Value, json};

use super::find::{PORTS, PROGRAM, write_routes};
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
    let made = engine.api().call(ACTION, Method::POST, &path, Some(&body)).await?;
    let made: Value = serde_json::from_slice(&made).unwrap_or_default();
    let id = made.get("Id").and_then(Value::as_str).unwrap_or_default().to_owned();
    if id.is_empty() {
        let message = "the engine did not say which container it made";
        return Err(EngineError::new(EngineErrorKind::Other, ACTION, message));
    }
    // The first one came with it; older engines take no more.
    for network in request.networks.iter().skip(1) {
        let path = format!("/networks/{}/connect", encode(network));
        let body = json!({ "Container": id });
        engine.api().call(ACTION, Method::POST, &path, Some(&body)).await?;
    }
    write_routes(engine, &id, request.routes).await?;
    Ok(id)
}

fn body(request: &GatewayRequest<'_>, state: &str, image: &str, program: &str) -> Value {
    let ports = serde_json::to_string(request.ports).unwrap_or_default();
    let mut labels = json!({
        // Of the project, so that `up` takes it for none of its orphans.
        label::PROJECT: request.project,
        label::ONEOFF: "True",
        label::RUN: request.run,
        PORTS: ports,
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
        },
    });
    if let Some(network) = request.networks.first() {
        body["HostConfig"]["NetworkMode"] = json!(network);
        body["NetworkingConfig"] = json!({"EndpointsConfig": {network: {}}});
    }
    body
}
