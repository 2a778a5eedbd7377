//! A container's output.

use backstay_core::engine::EngineResult;
use bytes::{Buf, BytesMut};
use hyper::Method;
use serde_json::Value;

use crate::connection::{Connection, encode};
use crate::container::short;
use crate::containers::inspect_one;

/// The last lines of a container's output, both of its streams, oldest first.
pub(crate) async fn logs(engine: &Connection, id: &str, lines: usize) -> EngineResult<Vec<String>> {
    let Some(detail) = inspect_one(engine, id).await? else { return Ok(Vec::new()) };
    let tty = detail.pointer("/Config/Tty").and_then(Value::as_bool).unwrap_or(false);
    let path = format!("/containers/{}/logs?stdout=1&stderr=1&tail={lines}", encode(id));
    let action = format!("reading the output of container {}", short(id));
    let body = match engine.api().call(&action, Method::GET, &path, None).await {
        Ok(body) => body,
        // A logging driver that only sends away.
        Err(error) if error.message.contains("does not support reading") => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = if tty { lines_of(&body) } else { text_of(&body) };
    found.drain(..found.len().saturating_sub(lines));
    Ok(found)
}

/// The lines of a multiplexed stream.
pub(crate) fn text_of(body: &[u8]) -> Vec<String> {
    lines_of(&payloads(body))
}

/// The payloads of a multiplexed stream: each has a header of eight bytes, whose last four are its length.
fn payloads(mut body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    while let Some((header, rest)) = body.split_first_chunk::<8>() {
        let length = u32::from_be_bytes([header[4], header[5], header[6], header[7]]);
        let length = usize::try_from(length).unwrap_or(usize::MAX).min(rest.len());
        let (payload, rest) = rest.split_at(length);
        out.extend_from_slice(payload);
        body = rest;
    }
    out
}

/// The next whole part of a multiplexed stream that is read bit by bit, and which stream it is of.
pub(crate) fn next_part(buffer: &mut BytesMut) -> Option<(u8, BytesMut)> {
    let (header, rest) = buffer.split_first_chunk::<8>()?;
    let length = u32::from_be_bytes([header[4], header[5], header[6], header[7]]);
    let length = usize::try_from(length).ok().filter(|length| *length <= rest.len())?;
    let stream = header[0];
    buffer.advance(8);
    Some((stream, buffer.split_to(length)))
}

/// The lines of a plain stream.
pub(crate) fn lines_of(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(text);
    text.lines().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_streams_are_read_in_their_order() {
        let mut body = vec![1, 0, 0, 0, 0, 0, 0, 4];
        body.extend(b"one\n");
        body.extend([2, 0, 0, 0, 0, 0, 0, 10]);
        body.extend(b"two\r\nthr\x1bx");
        assert_eq!(lines_of(&payloads(&body)), ["one", "two", "thr\x1bx"]);
    }

    #[test]
    fn a_stream_that_is_cut_gives_what_is_there() {
        let mut body = vec![1, 0, 0, 0, 0, 0, 0, 200];
        body.extend(b"half");
        assert_eq!(payloads(&body), b"half");
        assert!(payloads(&[1, 0, 0]).is_empty());
    }
}
