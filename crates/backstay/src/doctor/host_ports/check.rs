//! The check itself.

use backstay_core::engine::{PortClaim, PortConflict};
use backstay_core::ports::Networks;
use backstay_core::stack::{Model, Port};
use serde_json::{Value, json};

use super::super::about::About;
use super::super::finding::Finding;
use crate::errors::{CommandError, Exit, hints};
use crate::i18n::t;

/// Looks for somebody else at each port.
pub(crate) async fn check(about: &About) -> Vec<Finding> {
    let lang = about.lang;
    let (Some(model), Some(_)) = (&about.model, about.facts()) else { return Vec::new() };
    let claims = claims(model);
    if claims.is_empty() {
        return vec![Finding::good("ports", t!(lang, "doctor-no-ports"))];
    }
    let conflicts = match about.engine.port_conflicts(&model.project, &claims).await {
        Ok(conflicts) => conflicts,
        Err(error) => return vec![Finding::error("ports", CommandError::of_engine(lang, &error))],
    };
    if conflicts.is_empty() {
        let names: Vec<String> = claims.iter().map(|claim| name(&claim.port)).collect();
        let text = t!(lang, "doctor-ports", ports = names.join(", "));
        return vec![Finding::good("ports", text).facts(json!({"ports": names}))];
    }
    let mut findings = Vec::new();
    for conflict in &conflicts {
        findings.push(taken(about, conflict).await);
    }
    findings
}

async fn taken(about: &About, conflict: &PortConflict) -> Finding {
    let lang = about.lang;
    let (holder, hint, data) = match &conflict.container {
        Some(container) => by_container(about, container).await,
        None => by_process(about, &conflict.port),
    };
    let (port, service) = (&conflict.port, &conflict.service);
    let text = t!(lang, "port-taken", port = port, service = service, holder = holder);
    let data = json!({"port": port, "service": service, "holder": data});
    Finding::bad("ports", Exit::Machine, text).hint(hint).facts(data)
}

async fn by_container(about: &About, container: &str) -> (String, String, Value) {
    let lang = about.lang;
    let publisher = about.engine.publisher(container).await.ok().flatten();
    let project = publisher.and_then(|publisher| publisher.project);
    let holder = match &project {
        Some(project) => {
            t!(lang, "doctor-container-of", container = container, project = project)
        }
        None => t!(lang, "a-container", container = container),
    };
    let hint = t!(lang, "hint-port-container", container = container);
    (holder, hint, json!({"container": container, "project": project}))
}

#[cfg(target_os = "linux")]
fn by_process(about: &About, port: &str) -> (String, String, Value) {
    use super::listeners::{Owner, owner};
    let lang = about.lang;
    let (address, protocol) = port.rsplit_once('/').unwrap_or((port, "tcp"));
    let number = address.rsplit(':').next().and_then(|number| number.parse().ok());
    let hint = hints::port(lang, port);
    match number.and_then(|number| owner(protocol, number)) {
        Some(Owner::Process { pid, command }) => {
            let holder =
                t!(lang, "doctor-process", pid = pid.to_string(), command = command.as_str());
            let hint = t!(lang, "doctor-hint-process", pid = pid.to_string());
            (holder, hint, json!({"pid": pid, "command": command}))
        }
        // Another user's process does not say what it has open.
        Some(Owner::User(user)) => {
            let holder = t!(lang, "doctor-process-of", user = user.to_string());
            (holder, hint, json!({"user": user}))
        }
        None => (t!(lang, "another-process"), hint, Value::Null),
    }
}

#[cfg(not(target_os = "linux"))]
fn by_process(about: &About, port: &str) -> (String, String, Value) {
    (t!(about.lang, "another-process"), hints::port(about.lang, port), Value::Null)
}

fn claims(model: &Model) -> Vec<PortClaim> {
    let services = model.services.values();
    let ports = services.flat_map(|service| service.ports.iter().map(move |port| (service, port)));
    ports
        .filter(|(_, port)| port.published.is_some())
        .map(|(service, port)| PortClaim { service: service.name.clone(), port: port.clone() })
        .collect()
}

/// `127.0.0.1:8080-8085/tcp`.
fn name(port: &Port) -> String {
    let (first, last) = port.published.unwrap_or_default();
    let range = if first == last { first.to_string() } else { format!("{first}-{last}") };
    let address = port.host_ip.as_ref().map(|ip| format!("{ip}:")).unwrap_or_default();
    format!("{address}{range}/{}", port.protocol)
}
