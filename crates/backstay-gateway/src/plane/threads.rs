//! A thread for each core, with a runtime of its own: a connection stays on the thread that accepted it, and so does its
//! connection to the service.

use super::accept;
use super::port::Port;
use crate::route::{ListenerLive, Shared};
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// How often unused connections are looked at.
const SWEEP: Duration = Duration::from_millis(500);

/// All threads.
#[derive(Debug)]
pub(crate) struct Plane {
    threads: Vec<mpsc::UnboundedSender<Port>>,
}

impl Plane {
    /// Starts them.
    pub(crate) fn start(shared: &Arc<Shared>, count: usize) -> io::Result<Self> {
        let start = |index| {
            let (sender, ports) = mpsc::unbounded_channel();
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
            let shared = Arc::clone(shared);
            let thread = std::thread::Builder::new().name(format!("plane-{index}"));
            thread.spawn(move || runtime.block_on(run(index, shared, ports)))?;
            Ok(sender)
        };
        Ok(Self { threads: (0..count).map(start).collect::<io::Result<_>>()? })
    }

    /// Accepts on this socket, on all threads, until what is given back is dropped.
    pub(crate) fn listen(
        &self,
        live: &Arc<ListenerLive>,
        socket: &TcpListener,
    ) -> io::Result<watch::Sender<()>> {
        let (stopper, stop) = watch::channel(());
        // All copies first: either all threads accept, or none.
        let sockets: Vec<_> =
            self.threads.iter().map(|_| socket.try_clone()).collect::<io::Result<_>>()?;
        for (thread, socket) in self.threads.iter().zip(sockets) {
            let port = Port { live: Arc::clone(live), socket, stop: stop.clone() };
            let _ = thread.send(port);
        }
        Ok(stopper)
    }
}

async fn run(index: usize, shared: Arc<Shared>, mut ports: mpsc::UnboundedReceiver<Port>) {
    tokio::spawn(sweep(index, Arc::clone(&shared)));
    while let Some(port) = ports.recv().await {
        tokio::spawn(accept::run(index, Arc::clone(&shared), port));
    }
    std::future::pending::<()>().await;
}

async fn sweep(thread: usize, shared: Arc<Shared>) {
    loop {
        tokio::time::sleep(SWEEP).await;
        for service in shared.table().services.values() {
            service.targets.iter().for_each(|(target, _)| target.pools.sweep(thread));
        }
    }
}
