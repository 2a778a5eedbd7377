//! An answer's head: read, and written as the client gets it.

use super::chunks::{Broken, Chunks};
use super::names::{Name, elements, line, name};
use std::mem::MaybeUninit;
use std::time::Duration;

const HEADERS: usize = 128;
/// No head is longer.
const BYTES: usize = 256 << 10;

/// Where the body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// With so many bytes more.
    Length(u64),
    /// With its last chunk.
    Chunks(Chunks),
    /// With the connection.
    Connection,
}

/// A head.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub status: u16,
    /// What the client gets.
    pub out: Vec<u8>,
    /// As many bytes of what was read are the head.
    pub bytes: usize,
    pub body: Body,
    /// The service keeps the connection.
    pub keeps: bool,
    /// For how long, as far as it says.
    pub kept_for: Option<Duration>,
    /// The body is a stream of events.
    pub events: bool,
}

/// What was read so far.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// More has to come.
    Partly,
    /// The head of something that comes before the answer. As many bytes are to be passed over.
    Before(usize),
    /// The answer's head.
    Whole(Head),
}

impl Body {
    /// Goes on. Gives how many of the bytes belong to it.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<usize, Broken> {
        match self {
            Self::Connection => Ok(bytes.len()),
            Self::Chunks(chunks) => chunks.take(bytes),
            Self::Length(left) => {
                let taken =
                    usize::try_from(*left).map_or(bytes.len(), |left| left.min(bytes.len()));
                *left -= taken as u64;
                Ok(taken)
            }
        }
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self, Self::Length(0) | Self::Chunks(Chunks::End))
    }
}

/// Reads one. `last`: the client is told that no other one follows.
pub(super) fn read(bytes: &[u8], to_head: bool, last: bool) -> Result<Read, Broken> {
    let mut space = [const { MaybeUninit::uninit() }; HEADERS];
    let mut response = httparse::Response::new(&mut []);
    let config = httparse::ParserConfig::default();
    let parsed = config.parse_response_with_uninit_headers(&mut response, bytes, &mut space);
    let length = match parsed.map_err(|_| Broken)? {
        httparse::Status::Complete(length) => length,
        httparse::Status::Partial if bytes.len() > BYTES => return Err(Broken),
        httparse::Status::Partial => return Ok(Read::Partly),
    };
    let status = response.code.ok_or(Broken)?;
    match status {
        // Nobody has asked for another protocol.
        101 => return Err(Broken),
        100..=199 => return Ok(Read::Before(length)),
        _ => {}
    }
    let said = Said::of(response.headers)?;
    let mut head = Head {
        status,
        out: Vec::with_capacity(length + 32),
        bytes: length,
        body: said.body(status, to_head),
        keeps: !said.close && (response.version == Some(1) || said.keep_alive),
        kept_for: said.kept_for,
        events: said.events,
    };
    head.keeps &= head.body != Body::Connection;
    head.out.extend_from_slice(b"HTTP/1.1 ");
    head.out.extend_from_slice(status.to_string().as_bytes());
    head.out.push(b' ');
    head.out.extend_from_slice(response.reason.unwrap_or_default().as_bytes());
    head.out.extend_from_slice(b"\r\n");
    for header in &*response.headers {
        match name(header.name) {
            Name::Connection | Name::KeepAlive | Name::ProxyConnection => {}
            // Two answers to the question where the body ends are an invitation.
            Name::ContentLength if said.encoding.is_some() => {}
            Name::Special if header.name.eq_ignore_ascii_case("upgrade") => {}
            _ if said
                .named
                .iter()
                .any(|name| header.name.as_bytes().eq_ignore_ascii_case(name)) => {}
            _ => line(&mut head.out, header.name, header.value),
        }
    }
    if last || head.body == Body::Connection {
        line(&mut head.out, "Connection", b"close");
    }
    head.out.extend_from_slice(b"\r\n");
    Ok(Read::Whole(head))
}

/// What an answer says of itself.
#[derive(Default)]
struct Said<'a> {
    length: Option<u64>,
    /// Whether the last encoding is that of chunks.
    encoding: Option<bool>,
    close: bool,
    keep_alive: bool,
    kept_for: Option<Duration>,
    events: bool,
    /// Headers that are for the gateway only.
    named: Vec<&'a [u8]>,
}

impl<'a> Said<'a> {
    fn of(headers: &[httparse::Header<'a>]) -> Result<Self, Broken> {
        let mut said = Self::default();
        for header in headers {
            match name(header.name) {
                Name::ContentLength => {
                    let length = number(header.value).ok_or(Broken)?;
                    if said.length.is_some_and(|other| other != length) {
                        return Err(Broken);
                    }
                    said.length = Some(length);
                }
                Name::TransferEncoding => {
                    let last = elements(header.value).last().unwrap_or_default();
                    said.encoding = Some(last.eq_ignore_ascii_case(b"chunked"));
                }
                Name::Connection => said.hear_connection(header.value),
                Name::KeepAlive => {
                    said.kept_for = elements(header.value)
                        .find_map(|part| number(part.strip_prefix(b"timeout=")?))
                        .map(Duration::from_secs);
                }
                Name::ContentType => {
                    let kind = b"text/event-stream";
                    let start = header.value.get(..kind.len()).unwrap_or_default();
                    said.events = start.eq_ignore_ascii_case(kind);
                }
                _ => {}
            }
        }
        Ok(said)
    }

    fn hear_connection(&mut self, value: &'a [u8]) {
        for word in elements(value) {
            if word.eq_ignore_ascii_case(b"close") {
                self.close = true;
            } else if word.eq_ignore_ascii_case(b"keep-alive") {
                self.keep_alive = true;
            } else if !word.eq_ignore_ascii_case(b"transfer-encoding")
                && !word.eq_ignore_ascii_case(b"content-length")
            {
                self.named.push(word);
            }
        }
    }

    /// RFC 9112, 6.3.
    fn body(&self, status: u16, to_head: bool) -> Body {
        match (self.encoding, self.length) {
            _ if to_head || status == 204 || status == 304 => Body::Length(0),
            (Some(true), _) => Body::Chunks(Chunks::BEGIN),
            (Some(false), _) | (None, None) => Body::Connection,
            (None, Some(length)) => Body::Length(length),
        }
    }
}

/// Digits and nothing else: a sign would be read by some and not by others.
fn number(text: &[u8]) -> Option<u64> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> Head {
        match read(text.as_bytes(), false, false) {
            Ok(Read::Whole(head)) => head,
            other => panic!("{other:?}"),
        }
    }

    fn out(head: &Head) -> &str {
        std::str::from_utf8(&head.out).unwrap()
    }

    #[test]
    fn what_is_between_neighbours_does_not_pass() {
        let head = whole(
            "HTTP/1.1 200 Fine\r\nX-Own: 1\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 2\r\n\
             Keep-Alive: timeout=5, max=9\r\nContent-Length: 3\r\n\r\nabc",
        );
        assert_eq!(out(&head), "HTTP/1.1 200 Fine\r\nX-Own: 1\r\nContent-Length: 3\r\n\r\n");
        assert_eq!((head.body, head.keeps), (Body::Length(3), true));
        assert_eq!(head.kept_for, Some(Duration::from_secs(5)));
    }

    #[test]
    fn where_the_body_ends_is_never_said_twice() {
        let both = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n";
        let head = whole(both);
        assert_eq!(out(&head), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        assert_eq!(head.body, Body::Chunks(Chunks::BEGIN));
        for broken in [
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 3, 4\r\n\r\n",
            "HTTP/1.1 101 Switching Protocols\r\n\r\n",
            "220 mail.example\r\n\r\n",
        ] {
            assert_eq!(read(broken.as_bytes(), false, false), Err(Broken), "{broken}");
        }
    }

    #[test]
    fn a_body_without_a_length_ends_with_the_connection() {
        let head = whole("HTTP/1.1 200 OK\r\n\r\n");
        assert_eq!((head.body, head.keeps), (Body::Connection, false));
        assert!(out(&head).contains("Connection: close\r\n"));
        for none in ["HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 304 Not Modified\r\n\r\n"] {
            assert_eq!(whole(none).body, Body::Length(0));
        }
        let Ok(Read::Whole(head)) =
            read(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", true, true)
        else {
            panic!("not whole")
        };
        assert_eq!(head.body, Body::Length(0));
        assert!(out(&head).contains("Content-Length: 9\r\nConnection: close\r\n"));
    }

    #[test]
    fn an_old_server_keeps_a_connection_only_if_it_says_so() {
        assert!(!whole("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n").keeps);
        assert!(
            whole("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\n").keeps
        );
        assert!(!whole("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n").keeps);
    }

    #[test]
    fn what_comes_before_the_answer_is_passed_over() {
        let early = b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n";
        assert_eq!(read(early, false, false), Ok(Read::Before(early.len())));
        assert_eq!(read(b"HTTP/1.1 200 OK\r\nContent-", false, false), Ok(Read::Partly));
    }
}
