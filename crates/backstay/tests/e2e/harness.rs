//! A stack under test.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use backstay_testkit::engine_api::{EngineApi, of_project, text};
use backstay_testkit::load::{Load, LoadReport, Rate};
pub(crate) use backstay_testkit::ports::port;
use serde_json::{Value, json};

/// The demo server to put into images, or `None` where these tests can't run.
pub(crate) fn demo_server() -> Option<PathBuf> {
    if std::env::var_os("BACKSTAY_E2E").is_none() {
        eprintln!("not run: BACKSTAY_E2E is not set; `cargo xtask test` sets it");
        return None;
    }
    let path = std::env::var_os("BACKSTAY_DEMO_SERVER").expect("BACKSTAY_DEMO_SERVER is not set");
    Some(PathBuf::from(path))
}

/// Whether all cases are wanted and not only a sample: `BACKSTAY_FAULTS=all`, as `cargo xtask faults` sets it.
pub(crate) fn is_thorough() -> bool {
    std::env::var_os("BACKSTAY_FAULTS").is_some_and(|wanted| wanted == "all")
}

/// A stack in a folder of its own. Dropping it removes all that it left on the engine.
pub(crate) struct Stack {
    folder: tempfile::TempDir,
    pub(crate) project: String,
    /// `DOCKER_HOST`, where it is not this machine's engine.
    host: Option<String>,
    /// The addresses of its network, where the engine does not choose them.
    subnet: Option<String>,
}

/// What a user's stack looks like from outside, for "exactly as it was".
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    /// Container ids with service and name; running ones only where `running`.
    pub(crate) containers: Vec<String>,
    pub(crate) networks: Vec<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

impl Stack {
    /// A folder with the demo server in it, and a Dockerfile that takes the mode from `<service>.mode`.
    pub(crate) fn new(name: &str) -> Option<Self> {
        let server = demo_server()?;
        let folder = tempfile::Builder::new().prefix("backstay-t-").tempdir().unwrap();
        fs::copy(server, folder.path().join("demo-server")).unwrap();
        let dockerfile = "FROM scratch\nCOPY demo-server /demo-server\nARG SERVICE\nCOPY ${SERVICE}.mode /demo.mode\nARG VERSION=1\nENV SERVICE=$SERVICE VERSION=$VERSION\nENTRYPOINT [\"/demo-server\"]\n";
        fs::write(folder.path().join("Dockerfile"), dockerfile).unwrap();
        let project = format!("backstay-t-{name}-{}", std::process::id());
        Some(Self { folder, project, host: None, subnet: None })
    }

    /// The same on another engine, with these addresses: two engines may choose the same ones.
    pub(crate) fn on(mut self, host: &str, subnet: &str) -> Self {
        (self.host, self.subnet) = (Some(host.to_owned()), Some(subnet.to_owned()));
        self
    }

    /// The same in a folder made in `place`.
    pub(crate) fn within(mut self, place: &Path) -> Self {
        let folder = tempfile::Builder::new().prefix("backstay-t-").tempdir_in(place).unwrap();
        for entry in fs::read_dir(self.path()).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
        }
        self.folder = folder;
        self
    }

    pub(crate) fn host(&self) -> Option<String> {
        self.host.clone()
    }

    /// Where its engine listens.
    pub(crate) fn socket(&self) -> PathBuf {
        let host = self.host().or_else(|| std::env::var("DOCKER_HOST").ok());
        let path = host.as_deref().and_then(|host| host.strip_prefix("unix://"));
        PathBuf::from(path.unwrap_or("/var/run/docker.sock"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where the state of this test is: beside the folder, so that both are on one disk.
    pub(crate) fn state(&self) -> PathBuf {
        self.path().with_extension("state")
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> &Self {
        fs::write(self.path().join(name), text).unwrap();
        self
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// `name`'s image behaves like this from now on.
    pub(crate) fn mode(&self, name: &str, mode: &str) -> &Self {
        self.write(&format!("{name}.mode"), &format!("{mode}\n"))
    }

    /// The compose file: `services` is the YAML below `services:`.
    pub(crate) fn compose_file(&self, services: &str) -> &Self {
        let networks = self.subnet.as_ref().map_or_else(String::new, |subnet| {
            format!("networks: {{default: {{ipam: {{config: [{{subnet: {subnet}}}]}}}}}}\n")
        });
        let text = format!("name: {}\n{networks}services:\n{services}", self.project);
        self.write("docker-compose.yml", &text)
    }

    /// Runs the program in the stack's folder.
    pub(crate) fn backstay(&self, arguments: &[&str]) -> Run {
        let output = self.command(arguments).output().unwrap();
        Run::new(arguments, &output)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        // What is measured is measured as users have it: the release build, where it is given.
        let program = std::env::var_os("BACKSTAY_PROGRAM");
        let program = program.unwrap_or_else(|| env!("CARGO_BIN_EXE_backstay").into());
        let mut command = Command::new(program);
        command.args(["--lang", "en"]).args(arguments).current_dir(self.path());
        command.stdin(Stdio::null()).env_remove("COMPOSE_FILE").env_remove("COMPOSE_PROJECT_NAME");
        command.env("BACKSTAY_STATE", self.state());
        command.envs(self.host.iter().map(|host| ("DOCKER_HOST", host)));
        command
    }

    /// `docker`, on the stack's engine.
    fn docker(&self) -> Command {
        let mut command = Command::new("docker");
        command.envs(self.host.iter().map(|host| ("DOCKER_HOST", host)));
        command
    }

    /// The lines that `docker` prints on the stack's engine.
    pub(crate) fn lines(&self, arguments: &[&str]) -> Vec<String> {
        lines_of(self.docker().args(arguments))
    }

    pub(crate) fn compose(&self, arguments: &[&str]) -> String {
        let output =
            self.docker().arg("compose").args(arguments).current_dir(self.path()).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "docker compose {arguments:?}: {text}");
        String::from_utf8(output.stdout).unwrap() + &text
    }

    /// The stack as it is now. Files of `.backup/` are not part of it.
    pub(crate) fn picture(&self) -> Picture {
        let (engine, own) = (self.engine(), of_project(&self.project));
        let line = |found: &Value| {
            let service = text(&found["Labels"], "com.docker.compose.service");
            let (id, state) = (text(found, "Id"), text(found, "State"));
            format!("{service} {id} {} {state}", names(found).join(","))
        };
        let found = engine.list("/containers/json?all=1", &own);
        let mut containers: Vec<String> = found.iter().map(line).collect();
        containers.sort();
        let found = engine.list("/networks", &own);
        let mut networks: Vec<String> = found.iter().map(|found| text(found, "Name")).collect();
        networks.sort();
        let builds = format!("backstay-build/{}", self.project);
        let names = json!({"reference": [format!("{}*", self.project), &builds]});
        let mut tags = Vec::new();
        for image in engine.list("/images/json", &names) {
            let of_image = image["RepoTags"].as_array().into_iter().flatten();
            for tag in of_image.filter_map(Value::as_str) {
                if tag.starts_with(&self.project) {
                    tags.push(format!("{tag} {}", text(&image, "Id")));
                } else if tag.starts_with(&format!("{builds}:")) {
                    tags.push(tag.to_owned());
                }
            }
        }
        tags.sort();
        let entries = fs::read_dir(self.path()).unwrap().map(|entry| entry.unwrap());
        let files = entries
            .filter(|entry| {
                entry.file_type().unwrap().is_file() && entry.file_name() != "demo-server"
            })
            .map(|entry| {
                (entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path()).unwrap())
            })
            .collect();
        Picture { containers, networks, tags, files }
    }

    /// The id of a service's only running container.
    pub(crate) fn id(&self, service: &str) -> String {
        let ids = self.ids(service);
        assert_eq!(ids.len(), 1, "running containers of {service}: {ids:?}");
        ids[0].clone()
    }

    /// The ids of a service's running containers.
    pub(crate) fn ids(&self, service: &str) -> Vec<String> {
        let mut labels = of_project(&self.project);
        let service = format!("com.docker.compose.service={service}");
        labels["label"].as_array_mut().unwrap().push(service.into());
        let found = self.engine().list("/containers/json", &labels);
        found.iter().map(|found| text(found, "Id")).collect()
    }

    /// Names left behind by a run: candidates, rehearsals, kept old containers.
    pub(crate) fn leftovers(&self) -> Vec<String> {
        let marks = [".new-", ".old-", ".rehearsal-"];
        let found = self.engine().list("/containers/json?all=1", &of_project(&self.project));
        let names = found.iter().flat_map(names);
        names.filter(|name| marks.iter().any(|mark| name.contains(mark))).collect()
    }
}

impl Stack {
    /// Takes away all that the project has on the engine.
    pub(crate) fn clear(&self) {
        self.engine().clear(&self.project);
    }

    fn engine(&self) -> EngineApi {
        EngineApi::at(self.host.clone())
    }
}

/// The names of a container.
fn names(container: &Value) -> Vec<String> {
    let all = container["Names"].as_array().into_iter().flatten().filter_map(Value::as_str);
    all.map(|name| name.trim_start_matches('/').to_owned()).collect()
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.clear();
        let _ = fs::remove_dir_all(self.state());
    }
}

/// How a run of the program ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) screen: String,
}

impl Run {
    pub(crate) fn new(arguments: &[&str], output: &Output) -> Self {
        let screen = format!(
            "$ backstay {}\n{}{}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Self { code: output.status.code(), screen }
    }

    /// The exit code is this one.
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.screen);
        self
    }

    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.screen.contains(text), "no `{text}` in:\n{}", self.screen);
        self
    }

    /// Takes away what containerd left, where that is the way out that is shown. Whether it is.
    pub(crate) fn remove_remains(&self) -> bool {
        let mut lines = self.screen.lines().map(str::trim);
        let Some(folders) = lines.find_map(|line| line.strip_prefix("sudo rm -rf ")) else {
            return false;
        };
        for folder in folders.split(' ') {
            assert!(folder.contains("/io.containerd.runtime.v2.task/"), "{folder}");
            std::fs::remove_dir_all(folder).unwrap();
        }
        true
    }
}

/// The lines that `docker` prints.
pub(crate) fn lines(arguments: &[&str]) -> Vec<String> {
    lines_of(Command::new("docker").args(arguments))
}

fn lines_of(command: &mut Command) -> Vec<String> {
    // With the containerd store a list fails where an image of another test goes just then.
    let mut output = command.output().unwrap();
    for _ in 0..10 {
        if !String::from_utf8_lossy(&output.stderr).contains("NotFound: content digest") {
            break;
        }
        output = command.output().unwrap();
    }
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// Whether the engine is Podman.
pub(crate) fn is_podman() -> bool {
    let names =
        lines(&["version", "--format", "{{range .Server.Components}}{{println .Name}}{{end}}"]);
    names.iter().any(|name| name.contains("Podman"))
}

/// Makes a rule of this machine's firewall for what it forwards (`-I`), or takes it away (`-D`). Whether that was possible.
pub(crate) fn forwarding(how: &str, rule: &[&str]) -> bool {
    let mut command = Command::new("iptables");
    command.args(["-w", how, "FORWARD"]).args(rule);
    command.output().is_ok_and(|output| output.status.success())
}

/// What a page says now.
pub(crate) fn page(port: u16, path: &str) -> Option<String> {
    page_within(port, path, Duration::from_secs(10))
}

/// The same, where it says it in this time.
pub(crate) fn page_within(port: u16, path: &str, limit: Duration) -> Option<String> {
    let url = format!("http://127.0.0.1:{port}{path}");
    let target = backstay_testkit::app::Target::resolve(&url).ok()?;
    target.get(limit).ok().map(|answer| answer.body.trim().to_owned())
}

/// Waits for what comes by itself a moment after something else, and never longer than it may take.
pub(crate) fn eventually(mut holds: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < until, "it did not come");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Visitors who wait: that a machine is slow is no failure of what runs on it.
pub(crate) fn patient(workers: usize) -> Rate {
    Rate { workers, timeout: Duration::from_secs(15), ..Rate::default() }
}

/// Runs `work` under constant load on `ports`, of visitors who wait.
pub(crate) fn under_load<T>(ports: &[u16], work: impl FnOnce() -> T) -> (T, LoadReport) {
    let urls: Vec<String> =
        ports.iter().map(|port| format!("http://127.0.0.1:{port}/version")).collect();
    let load = Load::start_at(&urls, patient(1)).unwrap();
    let value = work();
    (value, load.stop())
}

/// How a service is asked whether it is well.
pub(crate) const CHECK: &str = "healthcheck: {test: [CMD, /demo-server, healthcheck], interval: 5s, start_interval: 300ms, start_period: 1s, timeout: 2s, retries: 2}";

/// A service that is built, with a published port and a quick healthcheck.
pub(crate) fn web(name: &str, port: u16) -> String {
    format!(
        "  {name}:\n    build: {{context: ., args: {{SERVICE: {name}, VERSION: \"${{VERSION:-1}}\"}}}}\n    restart: unless-stopped\n    ports: [\"{port}:8080\"]\n    {CHECK}\n    stop_grace_period: 3s\n    deploy: {{update_config: {{monitor: 1s}}}}\n"
    )
}

/// A service that is built and has no published port.
pub(crate) fn inner(name: &str) -> String {
    format!(
        "  {name}:\n    build: {{context: ., args: {{SERVICE: {name}, VERSION: \"${{VERSION:-1}}\"}}}}\n    restart: unless-stopped\n    {CHECK}\n    deploy: {{update_config: {{monitor: 1s}}}}\n"
    )
}
