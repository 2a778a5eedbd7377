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
use backstay_testkit::engine_api::EngineApi;

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
        EngineApi::at(None).clear(&self.project);
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
