//! Visitors who stay: over a connection that is kept, and over a WebSocket.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Longer than anybody is held.
const PATIENCE: Duration = Duration::from_secs(20);
/// What an application says on its WebSocket, and how often.
const WORD: &[u8] = b"still there?";
const EVERY: Duration = Duration::from_millis(100);

/// Two visitors, until they are asked how it was.
pub(crate) struct Visitors {
    leave: Arc<AtomicBool>,
    answered: [Arc<AtomicU64>; 2],
    threads: Vec<JoinHandle<Result<(), String>>>,
}

impl Visitors {
    /// They come, and both have been served once.
    pub(crate) fn come(port: u16) -> Self {
        let leave = Arc::new(AtomicBool::new(false));
        let answered: [Arc<AtomicU64>; 2] = Default::default();
        let [requests, echoes] = answered.clone();
        let [one, two] = [Arc::clone(&leave), Arc::clone(&leave)];
        let mut socket = web_socket(port).unwrap();
        echo(&mut socket).unwrap();
        let threads = vec![
            thread::spawn(move || keep_asking(port, &one, &requests)),
            thread::spawn(move || {
                while !two.load(Ordering::SeqCst) {
                    echo(&mut socket)?;
                    echoes.fetch_add(1, Ordering::SeqCst);
                    thread::park_timeout(EVERY);
                }
                Ok(())
            }),
        ];
        Self { leave, answered, threads }
    }

    /// They leave. Neither has missed anything: no failed request, no end of the WebSocket.
    pub(crate) fn have_noticed_nothing(self) {
        self.leave.store(true, Ordering::SeqCst);
        let ended: Vec<_> = self.threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        assert_eq!(ended, [Ok(()), Ok(())], "kept connection, WebSocket");
        let [requests, echoes] = self.answered.map(|count| count.load(Ordering::SeqCst));
        assert!(requests > 1 && echoes > 1, "{requests} requests, {echoes} echoes");
        println!(
            "over kept connections {requests} requests, on the WebSocket {echoes} echoes: 0 failed, 0 cut"
        );
    }
}

/// One request after the other over a connection. A new one only where the last answer has said that it ends.
fn keep_asking(port: u16, leave: &AtomicBool, answered: &AtomicU64) -> Result<(), String> {
    let mut kept = None;
    while !leave.load(Ordering::SeqCst) {
        let mut stream = match kept.take() {
            Some(stream) => stream,
            None => connect(port)?,
        };
        send(&mut stream, b"GET /version HTTP/1.1\r\nHost: a\r\n\r\n")?;
        let head = head(&mut stream)?;
        let status = head.split(' ').nth(1).unwrap_or_default();
        if status != "200" {
            return Err(format!("after {} requests: {head}", answered.load(Ordering::SeqCst)));
        }
        let lower = head.to_ascii_lowercase();
        let length = lower.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
        let mut body = vec![0; length.and_then(|length| length.parse().ok()).unwrap_or(0)];
        stream.read_exact(&mut body).map_err(|e| format!("body: {e}"))?;
        answered.fetch_add(1, Ordering::SeqCst);
        if !lower.contains("connection: close") {
            kept = Some(stream);
        }
        thread::park_timeout(Duration::from_millis(5));
    }
    Ok(())
}

fn web_socket(port: u16) -> Result<TcpStream, String> {
    let mut stream = connect(port)?;
    send(
        &mut stream,
        b"GET /echo HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    )?;
    let head = head(&mut stream)?;
    if head.starts_with("HTTP/1.1 101") { Ok(stream) } else { Err(head) }
}

fn echo(socket: &mut TcpStream) -> Result<(), String> {
    send(socket, WORD)?;
    let mut heard = [0; WORD.len()];
    socket.read_exact(&mut heard).map_err(|e| format!("no echo: {e}"))?;
    if heard == WORD { Ok(()) } else { Err(String::from_utf8_lossy(&heard).into_owned()) }
}

fn connect(port: u16) -> Result<TcpStream, String> {
    let stream = TcpStream::connect(("127.0.0.1", port)).map_err(|e| format!("connect: {e}"))?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(|e| e.to_string())?;
    Ok(stream)
}

fn send(stream: &mut TcpStream, bytes: &[u8]) -> Result<(), String> {
    stream.write_all(bytes).map_err(|e| format!("write: {e}"))
}

fn head(stream: &mut TcpStream) -> Result<String, String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).map_err(|e| format!("head: {e}"))?;
        head.extend(byte);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}
