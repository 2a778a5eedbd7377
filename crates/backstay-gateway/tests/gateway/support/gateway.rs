//! A gateway of its own for each test.

use super::{Control, Routes, until};
use backstay_routes::{Answer, Request, Status};
pub(crate) use backstay_testkit::ports::port as free_port;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use tempfile::TempDir;

/// How long it gives what is under way when it stops.
const GRACE_MS: u64 = 3000;

/// The process, and its state folder.
pub(crate) struct Gateway {
    pub state: TempDir,
    process: Child,
    nameserver: Option<SocketAddr>,
    grace_ms: u64,
}

impl Gateway {
    /// Starts one without routes.
    pub(crate) async fn start() -> Self {
        Self::start_with(TempDir::new().unwrap(), None, GRACE_MS).await
    }

    /// Starts one that asks this name server.
    pub(crate) async fn start_asking(nameserver: SocketAddr) -> Self {
        Self::start_with(TempDir::new().unwrap(), Some(nameserver), GRACE_MS).await
    }

    /// Starts one with what another one has left.
    pub(crate) async fn start_in(state: TempDir) -> Self {
        Self::start_with(state, None, GRACE_MS).await
    }

    async fn start_with(state: TempDir, nameserver: Option<SocketAddr>, grace_ms: u64) -> Self {
        let process = spawn(state.path(), nameserver, grace_ms);
        let gateway = Self { state, process, nameserver, grace_ms };
        gateway.answers().await;
        gateway
    }

    /// Starts one with routes.
    pub(crate) async fn with(routes: &Routes) -> (Self, Control) {
        Self::with_grace(routes, GRACE_MS).await
    }

    /// The same, which gives what is under way so long when it stops.
    pub(crate) async fn with_grace(routes: &Routes, grace_ms: u64) -> (Self, Control) {
        let gateway = Self::start_with(TempDir::new().unwrap(), None, grace_ms).await;
        let mut control = gateway.control().await;
        control.apply(routes).await;
        (gateway, control)
    }

    pub(crate) async fn control(&self) -> Control {
        Control::connect(&self.socket()).await
    }

    pub(crate) async fn status(&self) -> Status {
        self.control().await.status().await
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.state.path().join("control.sock")
    }

    /// The worker's process.
    pub(crate) async fn worker(&self) -> u32 {
        match self.control().await.ask(Request::Ping).await {
            Answer::Pong { pid, .. } => pid,
            other => panic!("{other:?}"),
        }
    }

    async fn answers(&self) {
        let socket = self.socket();
        until("the gateway answers", || async { Control::pings(&socket).await }).await;
    }

    pub(crate) fn supervisor(&self) -> u32 {
        self.process.id()
    }

    /// Sends a signal to a process.
    pub(crate) fn signal(pid: u32, name: &str) {
        let status = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status();
        assert!(status.unwrap().success());
    }

    /// SIGTERM, as the engine does, and the end.
    pub(crate) async fn stop(&mut self) -> ExitStatus {
        Self::signal(self.process.id(), "TERM");
        self.ended().await
    }

    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let mut status = None;
        until("the gateway ends", || {
            status = self.process.try_wait().unwrap();
            std::future::ready(status.is_some())
        })
        .await;
        status.unwrap()
    }

    /// The machine is gone, and comes back.
    pub(crate) async fn power_cycle(&mut self) {
        let worker = self.worker().await;
        Self::signal(self.process.id(), "KILL");
        self.ended().await;
        until("the worker ends", || std::future::ready(!is_alive(worker))).await;
        self.process = spawn(self.state.path(), self.nameserver, self.grace_ms);
        self.answers().await;
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The program under test.
pub(crate) fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_backstay-gateway"))
}

pub(crate) fn is_alive(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !status.is_empty() && !status.contains(") Z ")
}

fn spawn(state: &Path, nameserver: Option<SocketAddr>, grace_ms: u64) -> Child {
    let mut command = Command::new(program());
    command.args(["serve", "--threads", "2", "--grace-ms", &grace_ms.to_string()]);
    command.arg("--state").arg(state);
    if let Some(nameserver) = nameserver {
        command.args(["--nameserver", &nameserver.to_string()]);
    }
    command.stdin(Stdio::null()).spawn().unwrap()
}
