//! The first page: versions, as whoever looks into the problem asks for them first.

use backstay_docker::{buildx_version, cli_version, compose_version};

use super::system::system;
use crate::doctor::About;

/// The text of the first page. It is for whoever reads the report, and so it is in English.
pub(super) async fn cover(about: &About, command: &str, time: &str) -> String {
    let (cli, compose, buildx) = tokio::join!(cli_version(), compose_version(), buildx_version());
    let none = || "not there".to_owned();
    let engine = about.facts().map(|facts| {
        let context = facts.context.as_deref().unwrap_or("none");
        format!("{} (API {}) at {}, context {context}", facts.version, facts.api, facts.host)
    });
    let rows = [
        ("Backstay", format!("backstay {}", env!("CARGO_PKG_VERSION"))),
        ("Command", command.to_owned()),
        ("Made", time.to_owned()),
        ("System", system()),
        ("Docker CLI", cli.unwrap_or_else(none)),
        ("Docker engine", engine.unwrap_or_else(none)),
        ("Docker Compose", compose.unwrap_or_else(|error| error.to_string())),
        ("buildx", buildx.unwrap_or_else(none)),
        ("Project", about.model.as_ref().map_or_else(none, |model| model.project.clone())),
    ];
    let lines = rows.map(|(name, value)| format!("{name:<15} {value}\n"));
    lines.concat()
}
