//! A plain request's head: read, and written as the service gets it.

use super::names::{Name, elements, line, name};
use std::mem::MaybeUninit;

/// More headers than that are not plain.
const HEADERS: usize = 64;

/// A request that can go the short way.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plain {
    /// What the service gets.
    pub out: Vec<u8>,
    /// The answer has no body.
    pub is_head: bool,
    /// The client wants the connection to end with the answer.
    pub close: bool,
    /// Where its target stands in what was read.
    pub path: std::ops::Range<usize>,
}

/// Reads one. `outside`: the client's address, where the service is to be told of it. `None`: the long way.
pub(super) fn read(bytes: &[u8], outside: Option<&[u8]>) -> Option<Plain> {
    let mut space = [const { MaybeUninit::uninit() }; HEADERS];
    let mut request = httparse::Request::new(&mut []);
    let read = request.parse_with_uninit_headers(bytes, &mut space).ok()?;
    // Whoever sends the next one before this one is answered has it handled in order.
    if read != httparse::Status::Complete(bytes.len()) || request.version != Some(1) {
        return None;
    }
    let (method, path) = (request.method?, request.path?);
    if !matches!(method, "GET" | "HEAD") || !path.starts_with('/') {
        return None;
    }
    let mut plain = Plain {
        out: Vec::with_capacity(bytes.len() + 192),
        is_head: method == "HEAD",
        close: false,
        path: method.len() + 1..method.len() + 1 + path.len(),
    };
    plain.out.extend_from_slice(method.as_bytes());
    plain.out.push(b' ');
    plain.out.extend_from_slice(path.as_bytes());
    plain.out.extend_from_slice(b" HTTP/1.1\r\n");
    let mut told = Told::default();
    for header in &*request.headers {
        match name(header.name) {
            Name::Connection => {
                for word in elements(header.value) {
                    if word.eq_ignore_ascii_case(b"close") {
                        plain.close = true;
                    } else if !word.eq_ignore_ascii_case(b"keep-alive") {
                        return None;
                    }
                }
                continue;
            }
            Name::KeepAlive | Name::ProxyConnection => continue,
            Name::ContentLength | Name::TransferEncoding | Name::Special => return None,
            Name::Host if told.host.replace(header.value).is_some() => return None,
            Name::ForwardedFor if outside.is_some() => {
                told.before.push(header.value);
                continue;
            }
            Name::ForwardedHost => told.has_host = true,
            Name::ForwardedProto => told.has_proto = true,
            _ => {}
        }
        line(&mut plain.out, header.name, header.value);
    }
    let host = told.host?;
    if let Some(client) = outside {
        told.say(&mut plain.out, host, client);
    }
    plain.out.extend_from_slice(b"\r\n");
    Some(plain)
}

/// What the client said of those before it.
#[derive(Default)]
struct Told<'a> {
    host: Option<&'a [u8]>,
    before: Vec<&'a [u8]>,
    has_host: bool,
    has_proto: bool,
}

impl Told<'_> {
    fn say(&self, out: &mut Vec<u8>, host: &[u8], client: &[u8]) {
        out.extend_from_slice(b"X-Forwarded-For: ");
        for value in &self.before {
            out.extend_from_slice(value);
            out.extend_from_slice(b", ");
        }
        out.extend_from_slice(client);
        out.extend_from_slice(b"\r\n");
        if !self.has_proto {
            line(out, "X-Forwarded-Proto", b"http");
        }
        if !self.has_host {
            line(out, "X-Forwarded-Host", host);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Plain, read};

    fn plain(head: &str, outside: Option<&[u8]>) -> Option<Plain> {
        read(head.as_bytes(), outside)
    }

    fn out(head: &str, outside: Option<&[u8]>) -> String {
        String::from_utf8(plain(head, outside).unwrap().out).unwrap()
    }

    #[test]
    fn the_inside_gets_it_as_it_was() {
        let head = "GET /a?b HTTP/1.1\r\nhost: shop\r\nX-Own: 1\r\nx-forwarded-for: 9\r\n\r\n";
        assert_eq!(out(head, None), head);
        let read = plain(head, None).unwrap();
        assert_eq!((&head[read.path], read.is_head, read.close), ("/a?b", false, false));
    }

    #[test]
    fn the_outside_is_told_of() {
        let head = "GET / HTTP/1.1\r\nHost: shop\r\nX-Forwarded-For: 1.1.1.1\r\nx-forwarded-for: 2.2.2.2\r\nConnection: close\r\n\r\n";
        let expected = "GET / HTTP/1.1\r\nHost: shop\r\nX-Forwarded-For: 1.1.1.1, 2.2.2.2, 3.3.3.3\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: shop\r\n\r\n";
        assert_eq!(out(head, Some(b"3.3.3.3")), expected);
        assert!(plain(head, None).unwrap().close);
    }

    #[test]
    fn what_is_more_than_plain_goes_the_long_way() {
        let with = |line: &str| format!("GET / HTTP/1.1\r\nHost: a\r\n{line}\r\n\r\n");
        assert!(plain(&with("X-A: b"), None).is_some());
        for line in [
            "Content-Length: 0",
            "Transfer-Encoding: chunked",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Connection: close, X-A",
            "Expect: 100-continue",
            "TE: trailers",
            "Forwarded: for=a",
            "Host: b",
            "broken",
            "X-A : b",
            "X-A: b\r\n c",
        ] {
            assert_eq!(plain(&with(line), None), None, "{line}");
        }
        for head in [
            "POST / HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.0\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\n",
            "",
        ] {
            assert_eq!(plain(head, None), None, "{head}");
        }
    }
}
