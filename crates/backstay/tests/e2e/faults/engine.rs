//! An engine of a test's own, which may be killed.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::crash::signal;

const LIMIT: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(20);

/// A `dockerd` beside the machine's. It makes no firewall rules and has networks of its own.
pub(crate) struct Engine {
    folder: tempfile::TempDir,
    process: Mutex<Option<Child>>,
}

impl Engine {
    /// Starts one, where that is possible.
    pub(crate) fn start() -> Option<Arc<Self>> {
        crate::harness::demo_server()?;
        let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
        if !is_root || Command::new("dockerd").arg("--version").output().is_err() {
            eprintln!("not run: an engine of its own needs root and `dockerd`");
            return None;
        }
        let folder = tempfile::Builder::new().prefix("backstay-e-").tempdir().unwrap();
        let engine = Arc::new(Self { folder, process: Mutex::new(None) });
        engine.begin();
        Some(engine)
    }

    pub(crate) fn host(&self) -> String {
        format!("unix://{}", self.path("sock"))
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// Starts it, and waits until it answers.
    pub(crate) fn begin(&self) {
        let log = File::options().append(true).create(true).open(self.log()).unwrap();
        let mut command = Command::new("dockerd");
        command.args(["--iptables=false", "--ip6tables=false", "--bridge=none"]);
        command.args(["--default-address-pool", "base=10.213.0.0/16,size=24"]);
        command.args(["--data-root", &self.path("data"), "--exec-root", &self.path("exec")]);
        command.args(["--pidfile", &self.path("pid"), "--host", &self.host()]);
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        *self.process.lock().unwrap() = Some(command.spawn().unwrap());
        let until = Instant::now() + LIMIT;
        let answers = || {
            let mut ask = Command::new("docker");
            ask.arg("version").env("DOCKER_HOST", self.host());
            ask.output().unwrap().status.success()
        };
        while !answers() {
            let log = || std::fs::read_to_string(self.log()).unwrap_or_default();
            assert!(Instant::now() < until, "dockerd does not answer:\n{}", log());
            std::thread::sleep(LOOK);
        }
    }

    /// `kill -9`: what it was doing ends in the middle. The containers go on until it starts again.
    pub(crate) fn kill(&self) {
        if let Some(mut process) = self.process.lock().unwrap().take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Ends it as a person would: it takes its containers down, and has time for that.
    pub(crate) fn stop(&self) {
        if let Some(mut process) = self.process.lock().unwrap().take() {
            signal("-TERM", &process.id().to_string());
            process.wait().unwrap();
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stop();
    }
}
