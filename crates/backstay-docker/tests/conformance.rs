//! The real engine does what every engine must do. Runs only with `BACKSTAY_E2E=1` and `BACKSTAY_DEMO_SERVER=<static binary>`.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stderr)] // helpers of tests are tests too

use std::cell::RefCell;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use backstay_core::ports::{Clock, Engine};
use backstay_core::stack::StackRef;
use backstay_core::store::DiskStore;
use backstay_core::vault::Vault;
use backstay_docker::DockerEngine;
use backstay_testkit::conformance::{self, Fixture, Wanted};
use backstay_testkit::engine_api::EngineApi;
use backstay_testkit::fake::Behaviour;

static COUNT: AtomicU32 = AtomicU32::new(0);

struct Real {
    engine: DockerEngine,
    clock: WallClock,
    folder: tempfile::TempDir,
    server: PathBuf,
    projects: RefCell<Vec<String>>,
}

struct WallClock(Instant);

#[async_trait]
impl Clock for WallClock {
    fn now(&self) -> jiff::ZonedDateTime {
        jiff::ZonedDateTime::now()
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

impl Real {
    /// A fixture, or `None` where no engine is to be used.
    fn new() -> Option<Self> {
        if std::env::var_os("BACKSTAY_E2E").is_none_or(|value| value != "1") {
            eprintln!("skipped: set BACKSTAY_E2E=1 to use the engine");
            return None;
        }
        let server = std::env::var_os("BACKSTAY_DEMO_SERVER").expect("BACKSTAY_DEMO_SERVER is set");
        Some(Self {
            engine: DockerEngine::new(),
            clock: WallClock(Instant::now()),
            folder: tempfile::tempdir().unwrap(),
            server: server.into(),
            projects: RefCell::default(),
        })
    }
}

impl Fixture for Real {
    fn engine(&self) -> &dyn Engine {
        &self.engine
    }

    fn clock(&self) -> &dyn Clock {
        &self.clock
    }

    fn vault(&self) -> Vault {
        Vault::new(self.folder.path().join("vault"), Arc::new(DiskStore))
    }

    fn project(&self) -> String {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let project = format!("backstay-t-c{}-{number}", std::process::id());
        self.projects.borrow_mut().push(project.clone());
        project
    }

    fn port(&self) -> u16 {
        backstay_testkit::ports::port()
    }

    fn write(&self, project: &str, compose: &str, services: &[Wanted]) -> StackRef {
        let directory = self.folder.path().join(project);
        fs::create_dir_all(&directory).unwrap();
        let file = directory.join("docker-compose.yml");
        fs::write(&file, compose).unwrap();
        for service in services {
            let context = directory.join(service.name);
            fs::create_dir_all(&context).unwrap();
            fs::copy(&self.server, context.join("demo-server")).unwrap();
            let mode = words(service.behaviour);
            fs::write(context.join("demo.mode"), mode).unwrap();
            // A version of its own for each project as well: no test may take another one's image away.
            let version = format!("{project} {}", service.version);
            fs::write(context.join("version"), version).unwrap();
            let missing =
                if service.behaviour == Behaviour::BuildFails { "COPY nope /\n" } else { "" };
            let program =
                if service.behaviour == Behaviour::CannotStart { "/none" } else { "/demo-server" };
            let dockerfile = format!(
                "FROM scratch\nCOPY demo-server demo.mode version /\n{missing}CMD [\"{program}\"]\n"
            );
            fs::write(context.join("Dockerfile"), dockerfile).unwrap();
        }
        StackRef { directory, files: vec![file], ..StackRef::default() }
    }
}

/// A behaviour in the demo server's words.
fn words(behaviour: Behaviour) -> String {
    match behaviour {
        Behaviour::ExitAtStart(code) | Behaviour::Completes(code) => format!("exit:{code}"),
        Behaviour::CrashAfter(after) => format!("crash-after:{}", after.as_millis()),
        Behaviour::NeverHealthy => "never-healthy".to_owned(),
        Behaviour::SlowHealthy(after) => format!("slow-start:{}", after.as_millis()),
        Behaviour::SickAfter(after) => format!("unhealthy-after:{}", after.as_millis()),
        Behaviour::IgnoresTerm => "ignore-term".to_owned(),
        Behaviour::CrashUntil(_) => unreachable!("no conformance test asks for it"),
        Behaviour::Healthy | Behaviour::CannotStart | Behaviour::BuildFails => "ok".to_owned(),
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        let engine = EngineApi::at(None);
        for project in self.projects.borrow().iter() {
            engine.clear(project);
        }
    }
}

/// Asks that a container made from an image's id shows the reference that meant another image by then: no real engine does.
/// `engine/recorded.rs` has the case as it is there.
const NOT_ON_REAL_ENGINES: &str = "containers_come_back_from_what_inspect_said";

macro_rules! tests {
    ($($case:ident),* $(,)?) => {$(
        #[tokio::test]
        async fn $case() {
            if stringify!($case) == NOT_ON_REAL_ENGINES {
                return;
            }
            let Some(fixture) = Real::new() else { return };
            conformance::$case(&fixture).await;
        }
    )*};
}

backstay_testkit::for_each_conformance_case!(tests);
