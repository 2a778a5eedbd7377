//! A worker's life: it serves, it retires when another one has taken over, and it stops when it is told to.

use super::limits;
use super::start::{self, Beginning};
use crate::channel::{Link, ToSupervisor, ToWorker};
use crate::control::{self, Controller};
use crate::log::say;
use crate::route::Phase;
use crate::state::Folder;
use std::fs;
use std::io;
use std::os::unix::net::UnixListener;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// Given on top of the time that streams have.
const ALLOWANCE: Duration = Duration::from_secs(5);
/// So long nothing must be under way before it counts as the end: a request may just have been accepted.
const SETTLED: Duration = Duration::from_millis(50);

/// Runs a worker.
pub(crate) fn run() -> ExitCode {
    limits::raise();
    let ran = Link::inherited().and_then(|link| {
        let beginning = start::receive(&link)?;
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        runtime.block_on(work(Arc::new(link), beginning))
    });
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say!("the worker can't go on: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn work(link: Arc<Link>, beginning: Beginning) -> io::Result<()> {
    let Beginning { settings, lead, strict, control, sockets } = beginning;
    let controller = start::begin(&settings, strict, sockets, Arc::clone(&link)).await?;
    let mut said = listen_to(&link)?;
    let version = env!("CARGO_PKG_VERSION").to_owned();
    link.send(&ToSupervisor::Ready { version }, &[])?;
    let mut control = Some(control);
    let mut answering = None;
    if lead {
        answering = answer(&controller, &mut control)?;
    }
    let folder = Folder::new(&settings.state);
    // Without a supervisor nobody holds the sockets, and nobody would start the next worker.
    while let Some(message) = said.recv().await {
        match message {
            ToWorker::Start { .. } => say!("the supervisor starts what runs already"),
            ToWorker::Lead => answering = answer(&controller, &mut control)?.or(answering),
            ToWorker::Retire => {
                let socket = retire(&controller, &folder)?;
                answering.take().inspect(JoinHandle::abort);
                control = None;
                link.send(&ToSupervisor::Retiring, &[])?;
                tokio::spawn(control::listen(Arc::clone(&controller), socket, false));
                let (controller, folder) = (Arc::clone(&controller), folder.clone());
                tokio::spawn(async move {
                    finish(&controller).await;
                    let _ = fs::remove_file(folder.retiring(std::process::id()));
                    std::process::exit(0);
                });
            }
            ToWorker::Upgraded { pid, version } => controller.upgraded(Ok((pid, version))),
            ToWorker::NotUpgraded { why } => controller.upgraded(Err(why)),
            ToWorker::Stop => {
                stop(&controller, Duration::from_millis(settings.grace_ms)).await;
                let _ = fs::remove_file(folder.retiring(std::process::id()));
                return Ok(());
            }
        }
    }
    Err(io::Error::other("the supervisor is gone"))
}

/// Answers on the control socket.
fn answer(
    controller: &Arc<Controller>,
    control: &mut Option<UnixListener>,
) -> io::Result<Option<JoinHandle<()>>> {
    let Some(socket) = control.take() else { return Ok(None) };
    let socket = tokio::net::UnixListener::from_std(socket)?;
    Ok(Some(tokio::spawn(control::listen(Arc::clone(controller), socket, true))))
}

/// Accepts nothing more, and gives the socket on which the next worker tells this one what it must know.
fn retire(controller: &Controller, folder: &Folder) -> io::Result<tokio::net::UnixListener> {
    let path = folder.retiring(std::process::id());
    let _ = fs::remove_file(&path);
    let socket = tokio::net::UnixListener::bind(&path)?;
    controller.shared().phase.send_replace(Phase::Retiring);
    Ok(socket)
}

/// Waits until all connections have ended, or their time is out.
async fn finish(controller: &Controller) {
    let shared = controller.shared();
    let longest = shared
        .table()
        .services
        .values()
        .map(|service| service.drain.max(service.stream_drain))
        .max()
        .unwrap_or_default();
    if timeout(longest + ALLOWANCE, shared.until_left(0, 0)).await.is_err() {
        let left = shared.connections.load(SeqCst);
        say!("retired with {left} connections that were still open");
    }
    let _ = timeout(ALLOWANCE, controller.until_answered()).await;
}

/// Accepts nothing more, and waits for what is under way.
async fn stop(controller: &Controller, grace: Duration) {
    let shared = controller.shared();
    shared.phase.send_replace(Phase::Stopping);
    let settled = async {
        loop {
            shared.until_left(u64::MAX, 0).await;
            sleep(SETTLED).await;
            if shared.busy.load(SeqCst) == 0 {
                return;
            }
        }
    };
    if timeout(grace, settled).await.is_err() {
        let left = shared.busy.load(SeqCst);
        say!("stopped with {left} requests and streams that were still under way");
    }
}

/// What the supervisor says, from a thread of its own: it comes seldom, and the thread waits in the kernel.
fn listen_to(link: &Arc<Link>) -> io::Result<mpsc::UnboundedReceiver<ToWorker>> {
    let (sender, receiver) = mpsc::unbounded_channel();
    let link = Arc::clone(link);
    let thread = std::thread::Builder::new().name("supervisor".into()).stack_size(128 << 10);
    thread.spawn(move || {
        loop {
            match link.receive::<ToWorker>() {
                Ok(Some(received)) => {
                    if sender.send(received.message).is_err() {
                        return;
                    }
                }
                Ok(None) => return,
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    say!("the supervisor said what can't be read: {error}");
                }
                Err(_) => return,
            }
        }
    })?;
    Ok(receiver)
}
