//! A machine for `doctor` and `report`: an engine that answers what it is told, and a Compose that prints a model.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::process::Command;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::harness::{Place, Said};

/// A stack's folder with an engine and a Compose of its own.
pub(crate) struct Machine {
    pub(crate) place: Place,
    tools: tempfile::TempDir,
}

impl Machine {
    /// One whose Compose prints this model, and whose engine has these containers, each with its output. `info` is
    /// laid over what the engine says of itself.
    pub(crate) fn new(model: &str, info: &Value, containers: &[(Value, &str)]) -> Self {
        let place = Place::with(&[("docker-compose.yml", "name: shop\nservices: {}\n")]);
        let tools = tempfile::tempdir().unwrap();
        let plugins = tools.path().join("cli-plugins");
        std::fs::create_dir(&plugins).unwrap();
        std::fs::write(tools.path().join("model.yml"), model).unwrap();
        let compose = "#!/bin/sh\ncd \"${0%/*}/..\" || exit 1\ncase \" $* \" in\n\
                       *' version '*) echo 2.26.1 ;;\n\
                       *) if [ -f problem ]; then cat problem >&2; exit 15; fi; cat model.yml ;;\nesac\n";
        let buildx = "#!/bin/sh\necho 'github.com/docker/buildx v0.13.1 abc'\n";
        for (name, text) in [("docker-compose", compose), ("docker-buildx", buildx)] {
            let path = plugins.join(name);
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        serve(&tools.path().join("engine.sock"), answers(info, containers));
        Self { place, tools }
    }

    /// Lets Compose print another model.
    pub(crate) fn prints(&self, model: &str) {
        std::fs::write(self.tools.path().join("model.yml"), model).unwrap();
    }

    /// Lets Compose refuse the stack with these words.
    pub(crate) fn refuses(&self, words: &str) {
        std::fs::write(self.tools.path().join("problem"), words).unwrap();
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.place.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = self.place.command(line);
        let socket = self.tools.path().join("engine.sock");
        command.env("DOCKER_HOST", format!("unix://{}", socket.display()));
        command.env("DOCKER_CONFIG", self.tools.path());
        for name in
            ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy"]
        {
            command.env_remove(name);
        }
        command
    }

    pub(crate) fn run(&self, line: &str) -> Said {
        let output = self.command(line).output().unwrap();
        let text = |bytes: Vec<u8>| {
            let folder = self.place.path().to_string_lossy().into_owned();
            String::from_utf8(bytes).unwrap().replace(&folder, "FOLDER")
        };
        Said {
            code: output.status.code().unwrap(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// The findings of `doctor --json` about one thing.
    pub(crate) fn findings(&self, flags: &str, check: &str) -> Vec<Value> {
        let said = self.run(&format!("--lang en doctor --json {flags}"));
        let lines = said.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["check"] == check).collect()
    }
}

/// A registry at an address of this machine, which lets nobody in without a name.
pub(crate) fn registry() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
        }
    });
    address
}

/// An address at which nobody listens.
pub(crate) fn nobody() -> String {
    format!("127.0.0.1:{}", backstay_testkit::ports::port())
}

fn answers(info: &Value, containers: &[(Value, &str)]) -> HashMap<String, Vec<u8>> {
    let mut facts = json!({
        "ServerVersion": "26.1.5",
        "OperatingSystem": "Debian",
        "DockerRootDir": "/nowhere",
        "SystemTime": jiff::Timestamp::now().to_string(),
        "IndexServerAddress": "http://127.0.0.1:1/v1/",
        "RegistryConfig": {"IndexConfigs": {"hub.test": {"Official": true, "Mirrors": [], "Secure": true}}},
    });
    for (key, value) in info.as_object().unwrap() {
        facts[key] = value.clone();
    }
    let mut answers = HashMap::new();
    let mut add = |path: &str, body: Vec<u8>| answers.insert(path.to_owned(), body);
    add("/version", br#"{"Version": "26.1.5", "ApiVersion": "1.45"}"#.to_vec());
    add("/volumes/create", b"{}".to_vec());
    add("/images/json", b"[]".to_vec());
    add("/info", facts.to_string().into_bytes());
    let list: Vec<&Value> = containers.iter().map(|(container, _)| container).collect();
    add("/containers/json", json!(list).to_string().into_bytes());
    for (container, log) in containers {
        let id = container["Id"].as_str().unwrap();
        add(&format!("/containers/{id}/json"), container.to_string().into_bytes());
        // One frame of standard output.
        let mut body = vec![1, 0, 0, 0];
        body.extend(u32::try_from(log.len()).unwrap().to_be_bytes());
        body.extend(log.as_bytes());
        add(&format!("/containers/{id}/logs"), body);
    }
    answers
}

fn serve(socket: &std::path::Path, answers: HashMap<String, Vec<u8>>) {
    let listener = UnixListener::bind(socket).unwrap();
    let answers = Arc::new(answers);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, answers) = (stream.unwrap(), Arc::clone(&answers));
            std::thread::spawn(move || {
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut first = String::new();
                while reader.read_line(&mut first).unwrap_or(0) > 0 {
                    let mut line = String::new();
                    while reader.read_line(&mut line).unwrap_or(0) > 2 {
                        line.clear();
                    }
                    let path = first.split(' ').nth(1).unwrap_or_default();
                    let path = path.strip_prefix("/v1.45").unwrap_or(path);
                    let path = path.split('?').next().unwrap_or_default();
                    let (status, body) = match answers.get(path) {
                        Some(body) => ("200 OK", body.as_slice()),
                        None => ("404 Not Found", b"{\"message\": \"no such thing\"}".as_slice()),
                    };
                    let head =
                        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n", body.len());
                    let sent =
                        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
                    if sent.is_err() {
                        return;
                    }
                    first.clear();
                }
            });
        }
    });
}
