//! Connections from Compose.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::task::JoinSet;

use super::session::Session;
use crate::connection::{Listener, Stream};

/// Serves connections until this is dropped, which ends them all. Returns only when no more can be accepted.
pub(crate) async fn serve(listener: &Listener, session: &Arc<Session>) -> io::Error {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok(stream) => {
                connections.spawn(connection(stream, Arc::clone(session)));
            }
            Err(error) => return error,
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(stream: Stream, session: Arc<Session>) {
    let service = service_fn(move |request| {
        let session = Arc::clone(&session);
        async move { Ok::<_, Infallible>(session.answer(request).await) }
    });
    // Compose closes connections as it likes; what it asked for has been answered or is not wanted any more.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}
