//! A client that speaks HTTP/2 from the first byte on (RFC 9113, 3.3).

use super::forward::forward;
use super::headers::HEADERS;
use super::upstream::Own;
use crate::client::Client;
use crate::route::Phase;
use crate::wire::Io;
use bytes::Bytes;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::sync::Arc;

/// Serves the connection.
pub(crate) async fn serve_two(client: Arc<Client>) {
    let own = Arc::<Own>::default();
    let io = TokioIo::new(Io::new(Arc::clone(&client.wire), Bytes::new()));
    let service = {
        let client = Arc::clone(&client);
        service_fn(move |request| forward(Arc::clone(&client), Arc::clone(&own), request))
    };
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .auto_date_header(false)
        .max_header_list_size(HEADERS)
        .serve_connection(io, service);
    let mut connection = std::pin::pin!(connection);
    let mut phase = client.shared.phase.subscribe();
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = phase.wait_for(|phase| *phase != Phase::Serving) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}
