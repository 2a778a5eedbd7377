//! The engine, asked without `docker`, which takes more processor time for one answer than the engine does.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use serde_json::{Value, json};

/// An engine of this machine.
pub(crate) struct EngineApi {
    socket: String,
}

impl EngineApi {
    /// At `host`, or where `docker` looks for it.
    pub(crate) fn at(host: Option<String>) -> Self {
        let host = host.or_else(|| std::env::var("DOCKER_HOST").ok()).unwrap_or_default();
        let socket = host.strip_prefix("unix://").unwrap_or("/var/run/docker.sock").to_owned();
        Self { socket }
    }

    /// What is found at `path` with these filters.
    pub(crate) fn list(&self, path: &str, filters: &Value) -> Vec<Value> {
        let joint = if path.contains('?') { '&' } else { '?' };
        let path = format!("{path}{joint}filters={}", encode(&filters.to_string()));
        let mut found = self.ask("GET", &path);
        // With the containerd store a list fails where an image of another test goes just then.
        for _ in 0..10 {
            if !found.to_string().contains("content digest") {
                break;
            }
            found = self.ask("GET", &path);
        }
        match found {
            Value::Array(all) => all,
            Value::Object(mut found) if found.contains_key("Volumes") => {
                found["Volumes"].take().as_array().cloned().unwrap_or_default()
            }
            other => panic!("{path}: {other}"),
        }
    }

    /// Removes what is there, if it can be.
    pub(crate) fn remove(&self, path: &str) {
        self.ask("DELETE", path);
    }

    fn ask(&self, method: &str, path: &str) -> Value {
        let mut stream = UnixStream::connect(&self.socket).unwrap();
        write!(stream, "{method} {path} HTTP/1.0\r\nHost: docker\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let body = answer.windows(4).position(|end| end == b"\r\n\r\n").map(|at| &answer[at + 4..]);
        serde_json::from_slice(body.unwrap_or_default()).unwrap_or_default()
    }
}

/// The filter for what Compose made for a project.
pub(crate) fn of_project(project: &str) -> Value {
    json!({"label": [format!("com.docker.compose.project={project}")]})
}

/// A field of the answer that is a text.
pub(crate) fn text(found: &Value, field: &str) -> String {
    found[field].as_str().unwrap_or_default().to_owned()
}

/// As a part of a query.
fn encode(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
