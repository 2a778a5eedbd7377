//! What each test stands on: an image around the demo server, a project of its own, and a guard that removes everything.

use backstay_core::ports::{Composer, Containers};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use backstay_core::engine::{Container, CreateFrom, CreateRequest, CreateService, Created};
use backstay_core::stack::StackRef;
use backstay_docker::DockerEngine;

pub(crate) const RUN: &str = "20240129_143052";

/// A project with its files.
pub(crate) struct World {
    pub(crate) engine: DockerEngine,
    pub(crate) project: String,
    pub(crate) image: String,
    pub(crate) folder: tempfile::TempDir,
}

/// A world, or `None` where no engine is to be used.
pub(crate) fn world(compose: &str) -> Option<World> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    if std::env::var_os("BACKSTAY_E2E").is_none_or(|value| value != "1") {
        eprintln!("skipped: set BACKSTAY_E2E=1 to use the engine");
        return None;
    }
    let server = std::env::var_os("BACKSTAY_DEMO_SERVER").expect("BACKSTAY_DEMO_SERVER is set");
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let project = format!("backstay-t-{}-{number}", std::process::id());
    let world = World {
        engine: DockerEngine::new(),
        image: format!("{project}-img:1"),
        folder: tempfile::tempdir().unwrap(),
        project,
    };
    fs::copy(server, world.path("server")).unwrap();
    // Each world has an image id of its own, so that one can remove its image without harm to the others.
    fs::write(world.path("mark"), &world.project).unwrap();
    let dockerfile =
        "FROM scratch\nCOPY server /server\nCOPY mark /mark\nVOLUME /data\nCMD [\"/server\"]\n";
    fs::write(world.path("Dockerfile"), dockerfile).unwrap();
    world.write(compose);
    docker(&["build", "-q", "-t", &world.image, &world.folder.path().display().to_string()]);
    Some(world)
}

impl World {
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes the compose file; `IMAGE` stands for the world's image.
    pub(crate) fn write(&self, compose: &str) {
        let text = format!("name: {}\n{}", self.project, compose.replace("IMAGE", &self.image));
        fs::write(self.path("compose.yaml"), text).unwrap();
    }

    pub(crate) fn stack(&self) -> StackRef {
        StackRef {
            directory: self.folder.path().to_owned(),
            files: vec![self.path("compose.yaml")],
            ..StackRef::default()
        }
    }

    /// Runs `docker compose` on the project, as a person would.
    pub(crate) fn compose(&self, words: &[&str]) -> String {
        let file = self.path("compose.yaml").display().to_string();
        let mut all = vec!["compose", "-f", &file];
        all.extend(words);
        docker(&all)
    }

    pub(crate) async fn create(&self, services: &[CreateService]) -> Vec<Created> {
        self.try_create(services).await.unwrap()
    }

    pub(crate) async fn try_create(
        &self,
        services: &[CreateService],
    ) -> backstay_core::engine::EngineResult<Vec<Created>> {
        let stack = self.stack();
        let request = CreateRequest {
            source: CreateFrom::Compose(&stack),
            project: &self.project,
            run: RUN,
            services,
        };
        self.engine.create(&request).await
    }

    pub(crate) async fn containers(&self) -> Vec<Container> {
        self.engine.containers(&self.project).await.unwrap()
    }

    pub(crate) async fn inspect(&self, id: &str) -> serde_json::Value {
        self.engine.inspect(&[id.to_owned()]).await.unwrap().remove(0)
    }

    /// The name of a container of the project.
    pub(crate) fn name(&self, rest: &str) -> String {
        format!("{}-{rest}", self.project)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let filter = format!("label=com.docker.compose.project={}", self.project);
        let found = |kind: &[&str]| -> Vec<String> {
            let mut words = kind.to_vec();
            words.extend(["-q", "--filter", &filter]);
            let output = run(&words);
            String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
        };
        let remove = |words: &[&str], ids: Vec<String>| {
            for id in ids {
                let mut words = words.to_vec();
                words.push(&id);
                run(&words);
            }
        };
        // Inherited anonymous volumes have names for the engine, so that `rm -v` leaves them.
        let mounts = r#"{{range .Mounts}}{{if eq .Type "volume"}}{{.Name}} {{end}}{{end}}"#;
        let ids = found(&["ps", "-a", "--no-trunc"]);
        let mut volumes = found(&["volume", "ls"]);
        for id in &ids {
            let output = run(&["inspect", "--format", mounts, id]);
            let names = String::from_utf8_lossy(&output.stdout).into_owned();
            volumes.extend(names.split_whitespace().map(str::to_owned));
        }
        remove(&["rm", "-f", "-v"], ids);
        remove(&["network", "rm"], found(&["network", "ls"]));
        remove(&["volume", "rm"], volumes);
        let images = run(&["images", "--format", "{{.Repository}}:{{.Tag}}"]);
        let names = String::from_utf8_lossy(&images.stdout).into_owned();
        let mine = names.lines().filter(|name| name.starts_with(&self.project));
        remove(&["rmi", "-f"], mine.map(str::to_owned).collect());
    }
}

/// An order for one container of a service.
pub(crate) fn wanted(service: &str) -> CreateService {
    CreateService {
        service: service.to_owned(),
        replicas: 1,
        fingerprint: format!("print-{service}"),
        replaces: Vec::new(),
        hidden: false,
        rehearsal: false,
        ..CreateService::default()
    }
}

pub(crate) fn of<'a>(created: &'a [Created], service: &str, rehearsal: bool) -> &'a Created {
    let mut found = created.iter().filter(|c| c.service == service && c.rehearsal == rehearsal);
    found.next().unwrap_or_else(|| panic!("no {service} in {created:?}"))
}

/// Runs docker and returns what it prints.
pub(crate) fn docker(words: &[&str]) -> String {
    let output = run(words);
    assert!(
        output.status.success(),
        "docker {words:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// One build at a time: Podman's fail where another one ends at that moment.
static BUILDS: Mutex<()> = Mutex::new(());

pub(crate) fn run(words: &[&str]) -> Output {
    let _alone =
        (words[0] == "build").then(|| BUILDS.lock().unwrap_or_else(PoisonError::into_inner));
    let run = || Command::new("docker").args(words).output().unwrap();
    let output = run();
    // A build fails where another process removes what it looks at just then: with the containerd store a layer that they share,
    // with Podman a layer or a container of another build.
    let said = String::from_utf8_lossy(&output.stderr);
    let containerd = said.contains("parent snapshot") && said.contains("does not exist");
    let podman = ["identifier is not a container", "layer not known", "intended-new-root"];
    let is_crossed = containerd || podman.iter().any(|words| said.contains(words));
    if is_crossed { run() } else { output }
}

/// Where files go that are no part of the stack.
pub(crate) fn aside(world: &World, name: &str) -> PathBuf {
    let path: &Path = world.folder.path();
    path.join(name)
}
