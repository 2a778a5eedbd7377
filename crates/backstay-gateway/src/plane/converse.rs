//! A connection, from its beginning to its end.

use super::peek::{self, Spoken};
use crate::client::Client;
use crate::http;
use crate::tcp;
use backstay_routes::Mode;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// Finds out what is spoken, and speaks it. Each kind is a box of its own, so that a connection needs no more memory than its
/// kind does.
pub(super) async fn converse(client: Arc<Client>) {
    if client.route().1.is_none() {
        client.listener.no_route.fetch_add(1, Relaxed);
        return;
    }
    let spoken = match client.listener.mode {
        Mode::Tcp => Spoken::Other,
        Mode::Http => peek::http(&client.wire).await,
        Mode::Auto => {
            let spoke_http = client.listener.spoke_http.load(Relaxed);
            peek::any(&client.wire, spoke_http).await
        }
    };
    match spoken {
        Spoken::Http1 => Box::pin(http::serve_one(client)).await,
        Spoken::Http2 => Box::pin(http::serve_two(client)).await,
        Spoken::Other => Box::pin(tcp::pass_through(client)).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::{ListenerLive, Registry, Shared};
    use backstay_routes::{Listener, Side, Snapshot};
    use std::mem::size_of_val;

    async fn client() -> Arc<Client> {
        let table = Registry::new(1).table(Snapshot::empty(""));
        let shared = Arc::new(Shared::new(table, "127.0.0.1:53".parse().unwrap()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let connecting = tokio::net::TcpStream::connect(listener.local_addr().unwrap());
        let (_stream, accepted) = tokio::join!(connecting, listener.accept());
        let (stream, peer) = accepted.unwrap();
        let (mode, side) = (Mode::Auto, Side::Outside);
        let label = String::new();
        let routes = Vec::new();
        let live = ListenerLive::new(&Listener { port: 1, mode, side, label, routes });
        Client::new(&shared, &Arc::new(live), stream, peer, 0).unwrap()
    }

    #[tokio::test]
    async fn a_connection_that_says_nothing_needs_little() {
        let client = client().await;
        let sizes = [
            size_of_val(&*client),
            size_of_val(&converse(Arc::clone(&client))),
            size_of_val(&http::serve_one(Arc::clone(&client))),
            size_of_val(&tcp::pass_through(Arc::clone(&client))),
            http::plain_size(&client),
        ];
        assert!(sizes.iter().sum::<usize>() < 4096, "{sizes:?}");
    }
}
