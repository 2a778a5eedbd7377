//! Accepting on one port, on one thread.

use super::converse::converse;
use super::port::Port;
use crate::client::Client;
use crate::log::say;
use crate::route::{Phase, Shared};
use backstay_routes::Mode;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// How long to wait where the system has no more descriptors.
const PAUSE: Duration = Duration::from_millis(50);

/// Accepts until it is told not to.
pub(super) async fn run(thread: usize, shared: Arc<Shared>, mut port: Port) {
    let number = port.live.port;
    let listener = match TcpListener::from_std(port.socket) {
        Ok(listener) => listener,
        Err(error) => return say!("port {number} is not served by thread {thread}: {error}"),
    };
    let mut phase = shared.phase.subscribe();
    let mut changed = shared.changed.subscribe();
    while *phase.borrow() == Phase::Serving {
        // Nobody is accepted while everything behind the port is held: they wait in the kernel's queue, which outlives this
        // process. For HTTP it would hide that a client has left.
        let shut = port.live.mode == Mode::Tcp && shared.table().all_shut(number);
        tokio::select! {
            biased;
            stopped = port.stop.changed() => if stopped.is_err() { return },
            _ = phase.changed() => {}
            _ = changed.changed(), if port.live.mode == Mode::Tcp => {}
            accepted = listener.accept(), if !shut => match accepted {
                Ok((stream, peer)) => {
                    if let Some(client) = Client::new(&shared, &port.live, stream, peer, thread) {
                        tokio::spawn(converse(client));
                    }
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    say!("port {number} can't accept: {error}");
                    tokio::time::sleep(PAUSE).await;
                }
            },
        }
    }
}

fn is_of_one_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted)
}
