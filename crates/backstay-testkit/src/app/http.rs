//! As much of HTTP/1.1 as a demo needs: GET and HEAD, keep-alive, and a polite end.

use super::drain::Drain;
use super::routes::Routes;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

const MAX_HEAD: usize = 16 * 1024;
const IDLE_LIMIT: Duration = Duration::from_secs(30);
/// How soon a connection that waits for its next request notices a drain.
const TICK: Duration = Duration::from_millis(50);

#[derive(Debug, PartialEq, Eq)]
struct Request {
    method: String,
    path: String,
    close: bool,
    /// To another protocol.
    upgrade: bool,
}

/// Answers the requests of one connection until either side wants to end it.
///
/// # Errors
/// The connection broke, or what came was not HTTP.
pub fn serve(mut stream: TcpStream, drain: &Drain, routes: &Routes) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(TICK))?;
    let mut buffer = Vec::new();
    while let Some(request) = next_request(&mut stream, &mut buffer, drain)? {
        if request.upgrade && request.path == "/echo" {
            return echo(stream, &buffer, drain);
        }
        let (status, body) = match request.method.as_str() {
            "GET" | "HEAD" => routes.answer(&request.path),
            _ => (405, "only GET and HEAD\n".to_owned()),
        };
        let close = request.close || drain.is_on();
        let head = format!(
            "HTTP/1.1 {status} {}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: {}\r\n\r\n",
            reason(status),
            body.len(),
            if close { "close" } else { "keep-alive" },
        );
        let body = if request.method == "HEAD" { "" } else { &body };
        stream.write_all([head.as_bytes(), body.as_bytes()].concat().as_slice())?;
        if close {
            break;
        }
    }
    Ok(())
}

/// After an upgrade, whatever comes goes back: a WebSocket as a proxy sees it.
fn echo(mut stream: TcpStream, early: &[u8], drain: &Drain) -> io::Result<()> {
    const HEAD: &str =
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    stream.write_all(&[HEAD.as_bytes(), early].concat())?;
    let mut chunk = [0; 4096];
    loop {
        match stream.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(count) => stream.write_all(&chunk[..count])?,
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                if drain.is_on() {
                    return Ok(());
                }
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

/// Waits for one whole request head; `None` where the connection is over.
fn next_request(
    stream: &mut TcpStream,
    buffer: &mut Vec<u8>,
    drain: &Drain,
) -> io::Result<Option<Request>> {
    let waiting_since = Instant::now();
    loop {
        if let Some(end) = find(buffer, b"\r\n\r\n") {
            let head: Vec<u8> = buffer.drain(..end + 4).collect();
            return parse(&String::from_utf8_lossy(&head)).map(Some);
        }
        if buffer.len() > MAX_HEAD {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "request head too long"));
        }
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk) {
            Ok(0) => return Ok(None),
            Ok(count) => buffer.extend_from_slice(&chunk[..count]),
            // Looked at only after a read has found nothing: what has arrived is answered.
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                let idle = buffer.is_empty();
                if (idle && drain.is_on()) || waiting_since.elapsed() > IDLE_LIMIT {
                    return Ok(None);
                }
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

fn parse(head: &str) -> io::Result<Request> {
    let mut lines = head.lines();
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(path), Some(version)) = (first.next(), first.next(), first.next())
    else {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "not an HTTP request"));
    };
    let mut close = version == "HTTP/1.0";
    let mut upgrade = false;
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let value = value.trim().to_ascii_lowercase();
        match name.to_ascii_lowercase().as_str() {
            "connection" => close = value == "close" || (close && value != "keep-alive"),
            "upgrade" => upgrade = value == "websocket",
            // A body is not read, so nothing after it could be understood.
            "content-length" | "transfer-encoding" if value != "0" => close = true,
            _ => {}
        }
    }
    Ok(Request { method: method.to_owned(), path: path.to_owned(), close, upgrade })
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        404 => "Not Found",
        405 => "Method Not Allowed",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "Other",
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peer_decides_whether_the_connection_stays() {
        assert!(!parse("GET / HTTP/1.1\r\nHost: x\r\n\r\n").unwrap().close);
        assert!(parse("GET / HTTP/1.1\r\nConnection: Close\r\n\r\n").unwrap().close);
        assert!(parse("GET / HTTP/1.0\r\n\r\n").unwrap().close);
        assert!(!parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").unwrap().close);
    }

    #[test]
    fn nonsense_is_an_error() {
        assert!(parse("hello\r\n\r\n").is_err());
    }
}
