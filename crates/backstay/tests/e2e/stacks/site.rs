//! A stack of one of these tests: a folder for each image, whose content is its version.

use std::fs;
use std::time::{Duration, Instant};

pub(super) use crate::harness::CHECK;
use crate::harness::{Run, Stack, page};

const DOCKERFILE: &str = "FROM scratch\nCOPY . /\nENTRYPOINT [\"/demo-server\"]\n";
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(50);

/// For how long a release is watched.
pub(super) const QUICK: &str = "stop_grace_period: 2s\n    deploy: {update_config: {monitor: 1s}}";

pub(super) struct Site {
    pub(super) stack: Stack,
}

impl Site {
    pub(super) fn new(name: &str) -> Option<Self> {
        let stack = Stack::new(name)?;
        Some(Self { stack })
    }

    /// The image of `name` is this version from now on, and behaves like this.
    pub(super) fn image(&self, name: &str, version: &str, mode: &str) -> &Self {
        let folder = self.stack.path().join(name);
        fs::create_dir_all(&folder).unwrap();
        let server = folder.join("demo-server");
        if !server.exists() {
            fs::hard_link(self.stack.path().join("demo-server"), server).unwrap();
        }
        for (file, text) in [
            ("Dockerfile", DOCKERFILE.to_owned()),
            ("demo.version", format!("{version}\n")),
            ("demo.mode", format!("{mode}\n")),
        ] {
            fs::write(folder.join(file), text).unwrap();
        }
        self
    }

    /// Builds the image of `name` under a reference, as another machine would have done.
    pub(super) fn build(&self, name: &str, reference: &str) {
        let label = format!("com.docker.compose.project={}", self.stack.project);
        let folder = self.stack.path().join(name).display().to_string();
        self.stack.lines(&["build", "-q", "--label", &label, "-t", reference, &folder]);
    }

    pub(super) fn write(&self, file: &str, text: &str) -> &Self {
        let path = self.stack.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// The compose file, with the project's name.
    pub(super) fn compose(&self, text: &str) -> &Self {
        self.write("docker-compose.yml", &format!("name: {}\n{text}", self.stack.project))
    }

    pub(super) fn deploy(&self) -> Run {
        self.stack.backstay(&["deploy", "--yes"])
    }

    pub(super) fn rollback(&self) -> Run {
        self.stack.backstay(&["rollback", "--yes"])
    }

    /// The lines of a file in a container of `service`.
    pub(super) fn in_volume(&self, service: &str, file: &str) -> Vec<String> {
        let label = format!("label=com.docker.compose.project={}", self.stack.project);
        let service = format!("label=com.docker.compose.service={service}");
        let id = self.stack.lines(&["ps", "-aq", "--filter", &label, "--filter", &service]);
        let place = self.stack.path().join("copied");
        let from = format!("{}:{file}", id.first().expect("a container"));
        self.stack.lines(&["cp", "-q", &from, &place.display().to_string()]);
        fs::read_to_string(place).unwrap().lines().map(str::to_owned).collect()
    }
}

/// The page says this, at the latest after a moment.
#[track_caller]
pub(super) fn answers(port: u16, path: &str, wanted: &str) {
    let until = Instant::now() + PATIENCE;
    let mut got = page(port, path);
    while got.as_deref() != Some(wanted) && Instant::now() < until {
        std::thread::sleep(LOOK);
        got = page(port, path);
    }
    assert_eq!(got.as_deref(), Some(wanted), "{path} on port {port}");
}
