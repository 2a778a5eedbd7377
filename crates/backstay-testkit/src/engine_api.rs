//! A real engine, asked without `docker`, which takes more processor time for one answer than the engine does.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::sync::OnceLock;

use serde_json::{Value, json};

/// An engine of this machine.
#[derive(Debug)]
pub struct EngineApi {
    socket: String,
}

impl EngineApi {
    /// At `host`, or where `docker` looks for it.
    ///
    /// # Panics
    /// Where it has no socket on this machine.
    #[must_use]
    pub fn at(host: Option<String>) -> Self {
        let host = host.or_else(|| std::env::var("DOCKER_HOST").ok()).unwrap_or_else(of_context);
        let socket = host.strip_prefix("unix://");
        let socket = socket.unwrap_or_else(|| panic!("`{host}` is no socket of this machine"));
        Self { socket: socket.to_owned() }
    }

    /// What is found at `path` with these filters.
    ///
    /// # Panics
    /// Where the engine has no list to give.
    #[must_use]
    pub fn list(&self, path: &str, filters: &Value) -> Vec<Value> {
        self.found(path, filters).unwrap_or_else(|said| panic!("{path}: {said}"))
    }

    /// The same; otherwise what the engine says, nothing where it is gone.
    fn found(&self, path: &str, filters: &Value) -> Result<Vec<Value>, Value> {
        let joint = if path.contains('?') { '&' } else { '?' };
        let path = format!("{path}{joint}filters={}", encode(&filters.to_string()));
        let mut found = self.ask("GET", &path);
        // With the containerd store a list fails where an image of another test goes just then.
        for _ in 0..10 {
            if !text(&found, "message").contains("content digest") {
                break;
            }
            found = self.ask("GET", &path);
        }
        match found {
            Value::Array(all) => Ok(all),
            Value::Object(mut found) if found.contains_key("Volumes") => {
                Ok(found["Volumes"].take().as_array().cloned().unwrap_or_default())
            }
            other => Err(other),
        }
    }

    /// Removes what is there, if it can be.
    fn remove(&self, path: &str) {
        self.ask("DELETE", path);
    }

    /// Takes away all that a project has: containers with their volumes, networks, volumes, images. As far as it can: it may be asked
    /// while a test fails.
    pub fn clear(&self, project: &str) {
        let list = |path: &str, filters: &Value| self.found(path, filters).unwrap_or_default();
        let own = of_project(project);
        let mut volumes = Vec::new();
        for container in list("/containers/json?all=1", &own) {
            // Anonymous volumes that were handed on have names for the engine, which leaves them.
            let mounts = container["Mounts"].as_array().into_iter().flatten();
            volumes.extend(mounts.filter(|it| it["Type"] == "volume").map(|it| text(it, "Name")));
            self.remove(&format!("/containers/{}?force=1&v=1", text(&container, "Id")));
        }
        for network in list("/networks", &own) {
            self.remove(&format!("/networks/{}", text(&network, "Id")));
        }
        volumes.extend(list("/volumes", &own).iter().map(|found| text(found, "Name")));
        for volume in volumes {
            self.remove(&format!("/volumes/{volume}"));
        }
        for image in list("/images/json?all=1", &own) {
            self.remove(&format!("/images/{}?force=1", text(&image, "Id")));
        }
        // Others may have the same image under names of their own.
        let kinds = [
            format!("{project}-"),
            format!("backstay-build/{project}:"),
            format!("backstay-keep/{project}:"),
        ];
        let patterns = kinds.each_ref().map(|kind| format!("{kind}*"));
        for image in list("/images/json", &json!({"reference": patterns})) {
            let tags = image["RepoTags"].as_array().into_iter().flatten().filter_map(Value::as_str);
            for tag in tags.filter(|tag| kinds.iter().any(|kind| tag.starts_with(kind))) {
                self.remove(&format!("/images/{tag}?force=1"));
            }
        }
    }

    fn ask(&self, method: &str, path: &str) -> Value {
        let mut answer = Vec::new();
        let _ = UnixStream::connect(&self.socket).and_then(|mut stream| {
            write!(stream, "{method} {path} HTTP/1.0\r\nHost: docker\r\n\r\n")?;
            stream.read_to_end(&mut answer)
        });
        let body = answer.windows(4).position(|end| end == b"\r\n\r\n").map(|at| &answer[at + 4..]);
        serde_json::from_slice(body.unwrap_or_default()).unwrap_or_default()
    }
}

/// Where `docker` looks for its engine.
fn of_context() -> String {
    static HOST: OnceLock<String> = OnceLock::new();
    let ask = || {
        let words = ["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"];
        let said = Command::new("docker").args(words).output().expect("`docker` can be run");
        String::from_utf8_lossy(&said.stdout).trim().to_owned()
    };
    HOST.get_or_init(ask).clone()
}

/// The filter for what Compose made for a project.
#[must_use]
pub fn of_project(project: &str) -> Value {
    json!({"label": [format!("com.docker.compose.project={project}")]})
}

/// A field of the answer that is a text.
#[must_use]
pub fn text(found: &Value, field: &str) -> String {
    found[field].as_str().unwrap_or_default().to_owned()
}

/// As a part of a query.
fn encode(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
