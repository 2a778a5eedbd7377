//! The server as its clients see it, on real sockets.

use super::*;
use crate::load::Load;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(5);

struct Running {
    address: SocketAddr,
    drain: Arc<Drain>,
    thread: JoinHandle<bool>,
}

fn start(port: u16, version: &str, mode: &str) -> Running {
    let settings = Settings {
        service: "api".into(),
        version: version.into(),
        port,
        behaviour: mode.parse().unwrap(),
    };
    let server = Server::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).unwrap();
    let (address, drain) = (server.address().unwrap(), server.drain());
    let routes = Routes::new(settings).unwrap();
    let serve = move |stream: TcpStream, drain: &Drain| serve_http(stream, drain, &routes);
    Running { address, drain, thread: thread::spawn(move || server.run(serve).unwrap()) }
}

impl Running {
    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn get(&self, path: &str) -> (u16, String) {
        let answer = Target::resolve(&self.url(path)).unwrap().get(LIMIT).unwrap();
        (answer.status, answer.body)
    }

    fn stop(self) -> bool {
        self.drain.begin();
        self.thread.join().unwrap()
    }
}

#[test]
fn it_says_who_it_is() {
    let server = start(0, "2", "ok");
    assert_eq!(server.get("/"), (200, "api 2\n".into()));
    assert_eq!(server.get("/version"), (200, "2\n".into()));
    assert_eq!(server.get("/healthz").0, 200);
    assert_eq!(server.get("/env/BACKSTAY_NO_SUCH_VARIABLE").0, 404);
    assert!(server.stop());
}

#[test]
fn it_is_unhealthy_when_asked_and_serves_all_the_same() {
    let server = start(0, "2", "never-healthy");
    assert_eq!(server.get("/healthz").0, 503);
    assert_eq!(server.get("/").0, 200);
    assert!(server.stop());
}

#[test]
fn via_asks_the_upstream() {
    let upstream = start(0, "7", "ok");
    let front = start(0, "1", &format!("upstream={}", upstream.url("/")));
    assert_eq!(front.get("/via"), (200, "api 7\n".into()));
    assert!(upstream.stop());
    assert_eq!(front.get("/via").0, 502);
    assert!(front.stop());
}

#[test]
fn a_drain_ends_idle_connections_and_answers_what_has_arrived() {
    let server = start(0, "1", "ok");
    let mut idle = TcpStream::connect(server.address).unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let mut chunk = [0; 1024];
    let count = idle.read(&mut chunk).unwrap();
    assert!(String::from_utf8_lossy(&chunk[..count]).contains("Connection: keep-alive"));

    // Sent, so it is in the server's hands; the drain begins before the answer is due.
    let mut busy = TcpStream::connect(server.address).unwrap();
    busy.write_all(b"GET /slow/300 HTTP/1.1\r\n\r\n").unwrap();
    assert!(server.stop());

    let mut answer = String::new();
    busy.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("Connection: close"), "{answer}");
    assert_eq!(idle.read(&mut chunk).unwrap(), 0);
}

#[test]
fn load_sees_a_change_of_version_and_what_it_cost() {
    let old = start(0, "1", "ok");
    let port = old.address.port();
    let load = Load::start(&[old.url("/version")], 2).unwrap();
    wait_for(|| load.peek(|report| report.requests > 10));
    assert_eq!(load.lap().failures(), 0);

    assert!(old.stop());
    wait_for(|| load.peek(|report| report.failures > 0));
    let new = start(port, "2", "ok");
    wait_for(|| load.peek(|report| report.versions.last().is_some_and(|last| last == "2")));
    let report = load.stop();
    assert!(report.failures() > 0);
    assert!(report.longest_outage() > Duration::ZERO);
    assert_eq!(report.urls[0].versions.last().unwrap(), "2");
    assert!(new.stop());
}

fn wait_for(done: impl Fn() -> bool) {
    let deadline = std::time::Instant::now() + LIMIT;
    while !done() {
        assert!(std::time::Instant::now() < deadline, "not in time");
        thread::yield_now();
    }
}

#[test]
fn what_comes_after_an_upgrade_goes_back_until_a_drain() {
    let server = start(0, "1", "ok");
    let mut socket = TcpStream::connect(server.address).unwrap();
    socket
        .write_all(b"GET /echo HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nearly")
        .unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        socket.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    assert!(head.starts_with(b"HTTP/1.1 101 "));
    let mut word = [0; 9];
    socket.write_all(b"late").unwrap();
    socket.read_exact(&mut word).unwrap();
    assert_eq!(&word, b"earlylate");
    assert!(server.stop());
    assert_eq!(socket.read(&mut word).unwrap(), 0);
}
