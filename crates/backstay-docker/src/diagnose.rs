//! What a diagnosis asks beyond what a run needs: the engine's own facts, who publishes which port, the CLI's plugins.

use std::process::Stdio;

use backstay_core::engine::{EngineError, EngineErrorKind, EngineResult};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::DockerEngine;
use crate::compose::{self, Program};
use crate::connection::context_name;
use crate::container::label;
use crate::containers::summaries;

/// What the engine says of itself.
#[derive(Debug, Clone)]
pub struct EngineFacts {
    /// Its version.
    pub version: String,
    /// The API version agreed on.
    pub api: String,
    /// Its address.
    pub host: String,
    /// The docker context that led there, where one did.
    pub context: Option<String>,
    /// Whether it runs on this machine and not behind SSH or TCP.
    pub local: bool,
    /// Its answer to `/info`.
    pub info: Value,
}

/// A container with the host ports that it publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publisher {
    /// Its name.
    pub container: String,
    /// Its Compose project.
    pub project: Option<String>,
}

impl DockerEngine {
    /// The engine's facts. Fails as `info` does, whatever becomes of Compose.
    ///
    /// # Errors
    /// When the engine is missing, stopped, too old or not permitted.
    pub async fn facts(&self) -> EngineResult<EngineFacts> {
        let engine = self.connection().await.map_err(|error| {
            if Program::find().is_some() {
                return error;
            }
            // Without any program of Docker's, that is what to tell.
            let message = "there is no `docker` program";
            EngineError::new(EngineErrorKind::NotInstalled, "looking for Docker", message)
        })?;
        let info = engine.api().get("asking the engine for its facts", "/info").await?;
        Ok(EngineFacts {
            version: engine.engine.clone(),
            api: engine.api.clone(),
            host: engine.host.clone(),
            context: context_name(),
            local: engine.local,
            info: info.unwrap_or_default(),
        })
    }

    /// The container of that name, with its project.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub async fn publisher(&self, name: &str) -> EngineResult<Option<Publisher>> {
        let filters = json!({"name": [format!("^/?{name}$")]});
        let found =
            summaries(self.connection().await?, "looking at host ports", &filters, true).await?;
        let project = |summary: &Value| {
            let labels = summary.get("Labels")?;
            labels.get(label::PROJECT)?.as_str().map(str::to_owned)
        };
        let first = found.first();
        Ok(first.map(|found| Publisher { container: name.to_owned(), project: project(found) }))
    }
}

/// The version of Compose.
///
/// # Errors
/// When it is missing or too old.
pub async fn compose_version() -> EngineResult<String> {
    compose::version().await
}

/// The version of buildx, or `None` where the docker CLI has no such plugin.
pub async fn buildx_version() -> Option<String> {
    let text = first_line(Program::plugin("docker-buildx")?, &["version"]).await?;
    // `github.com/docker/buildx v0.13.1 788433953af10f2a698f5c07611dddce2e08c7a0`
    let version = text.split_whitespace().nth(1).unwrap_or(&text);
    Some(version.trim_start_matches('v').to_owned())
}

/// What `docker --version` prints, or `None` where there is no docker CLI.
pub async fn cli_version() -> Option<String> {
    first_line(Program::docker()?, &["--version"]).await
}

async fn first_line(program: Program, arguments: &[&str]) -> Option<String> {
    let output = Command::new(&program.path)
        .args(&program.arguments)
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().next().unwrap_or_default().trim();
    (output.status.success() && !line.is_empty()).then(|| line.to_owned())
}
