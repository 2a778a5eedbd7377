//! A port on which a thread accepts.

use crate::route::ListenerLive;
use std::net::TcpListener;
use std::sync::Arc;
use tokio::sync::watch;

/// A port to accept on.
#[derive(Debug)]
pub(super) struct Port {
    pub live: Arc<ListenerLive>,
    pub socket: TcpListener,
    /// Closed when nothing more is to be accepted.
    pub stop: watch::Receiver<()>,
}
