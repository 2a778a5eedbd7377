//! A stack of many like services, each built, published and checked for health.

use crate::failure::{Failure, Result};
use crate::ports;
use crate::stack::Stack;
use std::fmt::Write;
use std::fs;
use std::path::Path;

const DOCKERFILE: &str = "\
FROM scratch
COPY demo-server /demo-server
ARG SERVICE
ARG VERSION
ENV SERVICE=$SERVICE VERSION=$VERSION
ENTRYPOINT [\"/demo-server\"]
";

/// Which services a change touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    One,
    All,
}

impl Change {
    pub(super) const BOTH: [Self; 2] = [Self::One, Self::All];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::All => "all",
        }
    }
}

pub(super) struct Fleet {
    pub(super) stack: Stack,
    ports: Vec<u16>,
    versions: Vec<u32>,
}

impl Fleet {
    /// Writes a stack of `size` services at version 1.
    pub(super) fn new(name: &str, size: usize, demo_server: &Path) -> Result<Self> {
        let stack = Stack::new(&format!("bench-{size}-{name}"))?;
        let copy = stack.folder.join("demo-server");
        fs::copy(demo_server, &copy).map_err(Failure::on(demo_server))?;
        stack.write("Dockerfile", DOCKERFILE)?;
        let ports = ports::free(size)?;
        stack.write("docker-compose.yml", &compose_file(&ports))?;
        let fleet = Self { stack, ports, versions: vec![1; size] };
        fleet.write_env()?;
        Ok(fleet)
    }

    /// What a user does before a deploy: new versions in `.env`.
    pub(super) fn change(&mut self, change: Change) -> Result<()> {
        let touched = if change == Change::One { 1 } else { self.versions.len() };
        for version in self.versions.iter_mut().take(touched) {
            *version += 1;
        }
        self.write_env()
    }

    pub(super) fn urls(&self) -> Vec<String> {
        self.ports.iter().map(|port| format!("http://127.0.0.1:{port}/version")).collect()
    }

    /// What each URL has to answer after a deploy.
    pub(super) fn versions(&self) -> Vec<String> {
        self.versions.iter().map(u32::to_string).collect()
    }

    fn write_env(&self) -> Result<()> {
        let lines = self.versions.iter().enumerate();
        let text: String = lines.map(|(i, version)| format!("VERSION_{i}={version}\n")).collect();
        self.stack.write(".env", &text)
    }
}

/// Health is asked for every 200 ms while a container starts, so that no tool waits long for a
/// service that is ready; afterwards seldom, or 90 containers' checks would be all that is measured.
fn compose_file(ports: &[u16]) -> String {
    let mut text = "services:\n".to_owned();
    for (i, port) in ports.iter().enumerate() {
        // Writing to a string can't fail.
        let _ = write!(
            text,
            "  service-{i}:
    build:
      context: .
      args:
        SERVICE: service-{i}
        VERSION: ${{VERSION_{i}}}
    ports: [\"{port}:8080\"]
    healthcheck:
      test: [\"CMD\", \"/demo-server\", \"healthcheck\"]
      interval: 30s
      timeout: 5s
      retries: 3
      start_period: 60s
      start_interval: 200ms
"
        );
    }
    text
}
