//! A real engine, asked without `docker`, which takes more processor time for one answer than the engine does.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use serde_json::{Value, json};

/// An engine of this machine.
#[derive(Debug)]
pub struct EngineApi {
    socket: String,
}

impl EngineApi {
    /// At `host`, or where `docker` looks for it.
    #[must_use]
    pub fn at(host: Option<String>) -> Self {
        let host = host.or_else(|| std::env::var("DOCKER_HOST").ok()).unwrap_or_default();
        let socket = host.strip_prefix("unix://").unwrap_or("/var/run/docker.sock").to_owned();
        Self { socket }
    }

    /// What is found at `path` with these filters.
    ///
    /// # Panics
    /// Where the engine has no list to give.
    #[must_use]
    pub fn list(&self, path: &str, filters: &Value) -> Vec<Value> {
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
    pub fn remove(&self, path: &str) {
        self.ask("DELETE", path);
    }

    /// Takes away all that a project has: containers with their volumes, networks, volumes, images.
    pub fn clear(&self, project: &str) {
        let own = of_project(project);
        let mut volumes = Vec::new();
        for container in self.list("/containers/json?all=1", &own) {
            // Anonymous volumes that were handed on have names for the engine, which leaves them.
            let mounts = container["Mounts"].as_array().into_iter().flatten();
            volumes.extend(mounts.filter(|it| it["Type"] == "volume").map(|it| text(it, "Name")));
            self.remove(&format!("/containers/{}?force=1&v=1", text(&container, "Id")));
        }
        for network in self.list("/networks", &own) {
            self.remove(&format!("/networks/{}", text(&network, "Id")));
        }
        volumes.extend(self.list("/volumes", &own).iter().map(|found| text(found, "Name")));
        for volume in volumes {
            self.remove(&format!("/volumes/{volume}"));
        }
        for image in self.list("/images/json?all=1", &own) {
            self.remove(&format!("/images/{}?force=1", text(&image, "Id")));
        }
        // Others may have the same image under names of their own.
        let kinds = [
            format!("{project}-"),
            format!("backstay-build/{project}:"),
            format!("backstay-keep/{project}:"),
        ];
        let patterns = [
            format!("{project}-*"),
            format!("backstay-build/{project}"),
            format!("backstay-keep/{project}"),
        ];
        for image in self.list("/images/json", &json!({"reference": patterns})) {
            let tags = image["RepoTags"].as_array().into_iter().flatten().filter_map(Value::as_str);
            for tag in tags.filter(|tag| kinds.iter().any(|kind| tag.starts_with(kind))) {
                self.remove(&format!("/images/{tag}?force=1"));
            }
        }
    }

    fn ask(&self, method: &str, path: &str) -> Value {
        let mut answer = Vec::new();
        // An engine that is gone has nothing.
        let _ = UnixStream::connect(&self.socket).and_then(|mut stream| {
            write!(stream, "{method} {path} HTTP/1.0\r\nHost: docker\r\n\r\n")?;
            stream.read_to_end(&mut answer)
        });
        let body = answer.windows(4).position(|end| end == b"\r\n\r\n").map(|at| &answer[at + 4..]);
        serde_json::from_slice(body.unwrap_or_default()).unwrap_or_default()
    }
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
