//! Reading plain requests, one after the other.

use super::relay::{After, relay};
use super::request::{self, Plain};
use crate::client::Client;
use crate::tcp::with_buffer;
use backstay_routes::Side;
use bytes::Bytes;
use std::io::ErrorKind;
use std::sync::Arc;

/// How a connection goes on.
#[derive(Debug)]
pub(in crate::http) enum Next {
    /// It is over.
    Over,
    /// It waits for the next request.
    Wait,
    /// With this, the long way.
    Long(Bytes),
}

/// What was read.
enum Got {
    Nothing,
    End,
    Plain(Plain, Option<String>),
    Other(Bytes),
}

/// Serves what has come. It is called when something has.
pub(in crate::http) async fn serve(client: &Arc<Client>) -> Next {
    match with_buffer(|buffer| get(client, buffer)) {
        Got::Nothing => Next::Wait,
        Got::End => Next::Over,
        Got::Other(bytes) => Next::Long(bytes),
        Got::Plain(plain, path) => match relay(client, plain, path).await {
            After::Next => Next::Wait,
            After::Over => {
                let _ = client.wire.finish();
                Next::Over
            }
        },
    }
}

fn get(client: &Client, buffer: &mut [u8]) -> Got {
    let read = match client.wire.stream.try_read(buffer) {
        Ok(0) => return Got::End,
        Ok(read) => read,
        Err(error) if error.kind() == ErrorKind::WouldBlock => return Got::Nothing,
        Err(_) => return Got::End,
    };
    if read < buffer.len() {
        client.wire.emptied();
    }
    let bytes = &buffer[..read];
    let outside = (client.listener.side == Side::Outside).then(|| client.shown.as_bytes());
    // A service that is told of the client by a header of the connection needs one of its own.
    let proxied = client.with_route(|route| route.is_some_and(|r| r.service.proxy_protocol));
    let plain = if proxied { None } else { request::read(bytes, outside) };
    match plain {
        Some(plain) => {
            let path = || String::from_utf8_lossy(&bytes[plain.path.clone()]).into_owned();
            let path = client.shared.access_log.is_on().then(path);
            Got::Plain(plain, path)
        }
        None => Got::Other(Bytes::copy_from_slice(bytes)),
    }
}
