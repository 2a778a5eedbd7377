//! What an engine says that it is.

use super::seat::Seat;
use crate::failure::{Failure, Result};
use crate::shell;
use serde_json::Value;
use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Versions {
    pub(crate) engine: String,
    pub(crate) compose: String,
    pub(crate) builder: String,
    /// How it keeps images.
    pub(crate) store: String,
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, Compose {}, {}", self.engine, self.compose, self.store)
    }
}

impl Seat {
    /// What answers there.
    pub(crate) fn versions(&self) -> Result<Versions> {
        let text = |arguments: &[&str]| shell::capture(&mut self.docker(arguments));
        let server: Value =
            serde_json::from_str(&text(&["version", "--format", "{{json .Server}}"])?)
                .map_err(|e| Failure::new(format!("docker version: {e}")))?;
        let info: Value = serde_json::from_str(&text(&["info", "--format", "{{json .}}"])?)
            .map_err(|e| Failure::new(format!("docker info: {e}")))?;
        // `github.com/docker/buildx 0.29.1 …`
        let builder = text(&["buildx", "version"]).unwrap_or_default();
        let builder = builder.split_whitespace().nth(1).unwrap_or("-").to_owned();
        Ok(Versions {
            engine: engine(&server),
            compose: text(&["compose", "version", "--short"])?,
            builder,
            store: store(&info),
        })
    }
}

fn engine(server: &Value) -> String {
    let components = server["Components"].as_array().cloned().unwrap_or_default();
    let named = |name: &str| components.iter().find(|part| part["Name"] == name);
    let podman = named("Podman Engine").and_then(|part| part["Version"].as_str());
    let docker = named("Engine").and_then(|part| part["Version"].as_str());
    let version = server["Version"].as_str().unwrap_or("?");
    match podman {
        Some(version) => format!("Podman {version}"),
        None => format!("Docker Engine {}", docker.unwrap_or(version)),
    }
}

fn store(info: &Value) -> String {
    let driver = info["Driver"].as_str().unwrap_or("?");
    let details = info["DriverStatus"].to_string();
    if details.contains("io.containerd.snapshotter") {
        return format!("containerd store ({driver})");
    }
    format!("classic store ({driver})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn podman_is_called_by_its_name() {
        let part = |name: &str, version: &str| json!({"Name": name, "Version": version});
        let docker = json!({"Version": "28.5.2", "Components": [part("Engine", "28.5.2")]});
        let podman = json!({"Version": "5.4.2", "Components": [part("Podman Engine", "5.4.2")]});
        assert_eq!(engine(&docker), "Docker Engine 28.5.2");
        assert_eq!(engine(&podman), "Podman 5.4.2");
    }

    #[test]
    fn the_store_is_told_by_the_driver() {
        let new = json!({"Driver": "overlayfs", "DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]]});
        let old = json!({"Driver": "overlay2", "DriverStatus": [["Backing Filesystem", "extfs"]]});
        assert_eq!(store(&new), "containerd store (overlayfs)");
        assert_eq!(store(&old), "classic store (overlay2)");
    }
}
