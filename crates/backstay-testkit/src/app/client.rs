//! The smallest client: one request on one new connection, within one deadline.

use super::redis;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

/// Larger answers are refused: none of the demo's is.
const MAX_ANSWER: usize = 1024 * 1024;

/// What a server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status; 200 for a redis server that answered.
    pub status: u16,
    /// The body as text.
    pub body: String,
}

/// An `http://host:port/path` whose name has been looked up.
#[derive(Debug, Clone)]
pub struct Target {
    address: SocketAddr,
    host: String,
    path: String,
}

impl Target {
    /// Takes the URL apart and looks the name up, once: a lookup is not what load measures.
    ///
    /// # Errors
    /// It is no `http://` URL, or its host has no address.
    pub fn resolve(url: &str) -> io::Result<Self> {
        let (host, path) = parts(url)?;
        Ok(Self { address: lookup(&host, 80)?[0], host, path })
    }

    /// Where the target is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// One GET on a new connection. An answer that was cut short is an error.
    ///
    /// # Errors
    /// No connection, no answer, or not all of it within `limit`.
    pub fn get(&self, limit: Duration) -> io::Result<Answer> {
        self.get_within(limit, limit)
    }

    /// The same, where a connection has a limit of its own: one is there at once or not at all, and an answer may take its time.
    ///
    /// # Errors
    /// No connection within `connect`, no answer, or not all of it within `limit`.
    pub fn get_within(&self, connect: Duration, limit: Duration) -> io::Result<Answer> {
        let Self { host, path, .. } = self;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        parse(&exchange(self.address, request.as_bytes(), [connect, limit], |_| false)?)
    }
}

/// GETs an `http://` URL, or PINGs a `redis://host:port`. Where a host has several addresses and nobody is at one, the next
/// one is asked, as proxies do.
pub(super) fn ask(url: &str, limit: Duration) -> io::Result<Answer> {
    match url.strip_prefix("redis://") {
        Some(host) => {
            let addresses = lookup(host.trim_end_matches('/'), redis::PORT)?;
            let limits = [limit, limit];
            let ping =
                |address| exchange(address, b"PING\r\n", limits, |got| got.ends_with(b"\r\n"));
            let answer = first(&addresses, ping)?;
            let body = String::from_utf8_lossy(&answer).replace('\r', "");
            Ok(Answer { status: if body == "+PONG\n" { 200 } else { 502 }, body })
        }
        None => {
            let (host, path) = parts(url)?;
            let at = |address| Target { address, host: host.clone(), path: path.clone() };
            first(&lookup(&host, 80)?, |address| at(address).get(limit))
        }
    }
}

/// What the first one says who is there; the last error where nobody is.
fn first<T>(
    addresses: &[SocketAddr],
    mut ask: impl FnMut(SocketAddr) -> io::Result<T>,
) -> io::Result<T> {
    let mut answer = Err(invalid("the host has no address"));
    for address in addresses {
        answer = ask(*address);
        if !answer.as_ref().is_err_and(may_be_asked_again) {
            break;
        }
    }
    answer
}

/// Nobody was there, or whoever was there went before a word of an answer: what is asked changes nothing, so that another one
/// may be asked.
pub(super) fn may_be_asked_again(error: &io::Error) -> bool {
    use io::ErrorKind::{
        BrokenPipe, ConnectionRefused, ConnectionReset, HostUnreachable, TimedOut,
    };
    matches!(
        error.kind(),
        BrokenPipe | ConnectionRefused | ConnectionReset | HostUnreachable | TimedOut
    )
}

/// The host, with its port where it has one, and the path of an `http://` URL.
fn parts(url: &str) -> io::Result<(String, String)> {
    let rest = url.strip_prefix("http://").ok_or_else(|| invalid("not an http:// URL"))?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    Ok((host.to_owned(), format!("/{path}")))
}

/// All addresses of a host: at least one.
fn lookup(host: &str, default_port: u16) -> io::Result<Vec<SocketAddr>> {
    let named = if host.contains(':') { host.to_owned() } else { format!("{host}:{default_port}") };
    let found: Vec<SocketAddr> = named.to_socket_addrs()?.collect();
    if found.is_empty() { Err(invalid("the host has no address")) } else { Ok(found) }
}

/// Sends, then reads until the peer closes or `is_whole` says that it is enough. The limits are that of a connection and that of all.
fn exchange(
    address: SocketAddr,
    request: &[u8],
    [connect, limit]: [Duration; 2],
    is_whole: impl Fn(&[u8]) -> bool,
) -> io::Result<Vec<u8>> {
    let deadline = Instant::now() + limit;
    let mut stream = TcpStream::connect_timeout(&address, connect)?;
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(left(deadline)?))?;
    stream.write_all(request)?;
    let (mut answer, mut chunk) = (Vec::new(), [0; 4096]);
    while !is_whole(&answer) {
        stream.set_read_timeout(Some(left(deadline)?))?;
        match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => answer.extend_from_slice(&chunk[..count]),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Err(late()),
            Err(e) => return Err(e),
        }
        if answer.len() > MAX_ANSWER {
            return Err(invalid("the answer is too long"));
        }
    }
    Ok(answer)
}

fn parse(answer: &[u8]) -> io::Result<Answer> {
    if answer.is_empty() {
        return Err(io::Error::new(io::ErrorKind::ConnectionReset, "closed without an answer"));
    }
    let text = String::from_utf8_lossy(answer);
    let (head, body) = text.split_once("\r\n\r\n").ok_or_else(|| invalid("no whole answer"))?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| invalid("no HTTP status"))?;
    let headers = head.lines().filter_map(|line| line.split_once(':'));
    let length = headers
        .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .find_map(|(_, value)| value.trim().parse::<usize>().ok());
    if length.is_some_and(|length| body.len() < length) {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the answer was cut short"));
    }
    Ok(Answer { status, body: body.to_owned() })
}

fn left(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(late()) } else { Ok(left) }
}

fn late() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "no whole answer in time")
}

fn invalid(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_was_cut_short_is_an_error() {
        let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\napi 1";
        assert_eq!(parse(whole).unwrap(), Answer { status: 200, body: "api 1".into() });
        for length in 0..whole.len() {
            assert!(parse(&whole[..length]).is_err(), "{length} bytes");
        }
    }
}
