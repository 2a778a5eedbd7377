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
