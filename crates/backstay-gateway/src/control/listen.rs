//! Accepting control connections.

use super::controller::Controller;
use super::session;
use crate::log::say;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UnixListener;

/// Answers on a socket for as long as the task lives. `leads`: this worker is the one that serves.
pub(crate) async fn listen(controller: Arc<Controller>, socket: UnixListener, leads: bool) {
    loop {
        match socket.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(session::serve(Arc::clone(&controller), stream, leads));
            }
            Err(error) => {
                say!("the control socket can't accept: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}
