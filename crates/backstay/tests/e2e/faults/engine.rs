//! An engine of a test's own, which may be killed.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::crash::signal;
use crate::harness::{forwarding, lines};

const LIMIT: Duration = Duration::from_secs(60);
/// All that [`Engine::subnet`] may give.
const SUBNETS: &str = "10.128.0.0/10";
const LOOK: Duration = Duration::from_millis(20);

/// A `dockerd` beside the machine's. It makes no firewall rules, and has a bridge of its own. Without one, and also with address
/// pools of its own, it would take the machine's away.
pub(crate) struct Engine {
    folder: tempfile::TempDir,
    bridge: String,
    process: Mutex<Option<Child>>,
}

/// The engine goes with it, whoever else still knows the engine.
pub(crate) struct Lease(Arc<Engine>);

impl Lease {
    pub(crate) const fn engine(&self) -> &Arc<Engine> {
        &self.0
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.0.stop();
        for folder in ["data", "exec"] {
            let mut command = Command::new("umount");
            let _ = command.args(["--recursive", "--lazy", &self.0.path(folder)]).output();
        }
        let _ = Command::new("docker").args(["network", "rm", &self.0.bridge]).output();
        let_through("-D");
    }
}

/// An engine that makes rules drops what others forward: containers of this one would not reach each other.
fn let_through(how: &str) {
    if !forwarding(how, &["-s", SUBNETS, "-d", SUBNETS, "-j", "ACCEPT"]) {
        eprintln!("no rule for {SUBNETS}: containers may not reach each other");
    }
}

/// Another number each time, also where several tests run in one process.
fn number() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl Engine {
    /// Starts one, where that is possible.
    pub(crate) fn start() -> Option<Lease> {
        Self::start_in(&std::env::temp_dir())
    }

    /// The same, with all that it keeps on the disk of a folder.
    pub(crate) fn start_in(place: &Path) -> Option<Lease> {
        crate::harness::demo_server()?;
        let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
        if !is_root || Command::new("dockerd").arg("--version").output().is_err() {
            eprintln!("not run: an engine of its own needs root and `dockerd`");
            return None;
        }
        // No longer than the name of an interface may be.
        let bridge = format!("bs-e-{}-{}", std::process::id(), number());
        let option = format!("com.docker.network.bridge.name={bridge}");
        lines(&["network", "create", "--opt", &option, &bridge]);
        let_through("-I");
        let folder = tempfile::Builder::new().prefix("backstay-e-").tempdir_in(place).unwrap();
        let lease = Lease(Arc::new(Self { folder, bridge, process: Mutex::new(None) }));
        lease.0.begin();
        Some(lease)
    }

    pub(crate) fn host(&self) -> String {
        format!("unix://{}", self.path("sock"))
    }

    /// Addresses for a network that no other engine of these tests gives out.
    pub(crate) fn subnet() -> String {
        let own = std::process::id().wrapping_mul(8).wrapping_add(number());
        format!("10.{}.{}.0/24", 128 + own / 256 % 64, own % 256)
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
        command.args(["--iptables=false", "--ip6tables=false", "--bridge", &self.bridge]);
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

    /// Ends it as a person would: it takes its containers down, and has time for that. With its containerd, which may be that of an
    /// engine that was killed.
    pub(crate) fn stop(&self) {
        if let Some(mut process) = self.process.lock().unwrap().take() {
            signal("-TERM", &process.id().to_string());
            process.wait().unwrap();
        }
        let Ok(pid) = std::fs::read_to_string(self.path("exec/containerd/containerd.pid")) else {
            return;
        };
        let (until, place) = (Instant::now() + LIMIT, PathBuf::from("/proc").join(pid.trim()));
        let is_there =
            || std::fs::read_to_string(place.join("comm")).is_ok_and(|it| it == "containerd\n");
        if is_there() {
            let _ = Command::new("kill").arg(pid.trim()).status();
        }
        while is_there() && Instant::now() < until {
            std::thread::sleep(LOOK);
        }
    }
}
