//! What is spoken on a port of which nobody has said it.

use crate::support::client::{self, Two, connect, echo, get, read, send_raw, try_get};
use crate::support::{Gateway, Routes, server, until};
use backstay_routes::{Mode, ServiceStatus};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_speaks_first_is_heard() {
    let server = server::tcp("one", |stream| server::greet_and_echo(stream, "220 hello")).await;
    let routes = Routes::to(&[&server]).mode(Mode::Auto);
    let (_gateway, _control) = Gateway::with(&routes).await;
    // On a port of HTTP it would take half a minute.
    let began = Instant::now();
    let mut client = connect(routes.port).await.unwrap();
    assert_eq!(read(&mut client, 9).await.unwrap(), "220 hello");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    // Whoever asks it in HTTP gets no answer in it, and does not change that. One that is too slow is greeted.
    let refused = || async { try_get(routes.port, "/").await.is_ok_and(|got| got.status == 502) };
    until("one was seen as HTTP", refused).await;
    let mut client = connect(routes.port).await.unwrap();
    let began = Instant::now();
    assert_eq!(read(&mut client, 9).await.unwrap(), "220 hello");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_http_passes_at_once() {
    let server = server::tcp("one", |stream| server::greet_and_echo(stream, "")).await;
    let routes = Routes::to(&[&server]).mode(Mode::Auto);
    let (_gateway, _control) = Gateway::with(&routes).await;
    for hello in ["\x16\x03\x01\x02\x00", "SSH-2.0-test\r\n", "GETTING"] {
        let mut client = connect(routes.port).await.unwrap();
        echo(&mut client, hello).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_comes_in_pieces_is_one() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]).mode(Mode::Auto);
    let (gateway, _control) = Gateway::with(&routes).await;
    let rest = b"T / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    // One whose second piece comes too late is passed through.
    let in_pieces = || async {
        let before = accepted(&gateway).await;
        let mut client = send_raw(routes.port, b"GE").await;
        until("it is accepted", || async { accepted(&gateway).await > before }).await;
        tokio::time::sleep(Duration::from_millis(30)).await;
        tokio::io::AsyncWriteExt::write_all(&mut client, rest).await.unwrap();
        let answer = client::read_all(&mut client).await;
        assert!(answer.ends_with("one"), "{answer}");
        server.last_headers().contains_key("x-forwarded-for")
    };
    until("one was seen as HTTP", in_pieces).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_made_beforehand_is_http_where_http_was_answered() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]).mode(Mode::Auto);
    let (gateway, mut control) = Gateway::with(&routes).await;
    // The first one may have been too slow to be seen as what it is.
    let requests = || async {
        get(routes.port, "/").await;
        gateway.status().await.services["app"].counters.requests > 0
    };
    until("one was seen as HTTP", requests).await;
    let streams = control.status().await.services["app"].counters.streams;
    let before = accepted(&gateway).await;
    let mut beforehand = connect(routes.port).await.unwrap();
    until("it is accepted", || async { accepted(&gateway).await > before }).await;
    // Longer than on a port of which nothing is known.
    tokio::time::sleep(Duration::from_millis(400)).await;
    let head = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    tokio::io::AsyncWriteExt::write_all(&mut beforehand, head).await.unwrap();
    assert!(client::read_all(&mut beforehand).await.ends_with("one"));
    assert_eq!(control.status().await.services["app"].counters.streams, streams);
}

#[tokio::test(flavor = "multi_thread")]
async fn http_2_is_recognised() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]).mode(Mode::Auto);
    let (gateway, _control) = Gateway::with(&routes).await;
    let asked = AtomicU64::new(0);
    let counted = |app: &ServiceStatus| app.counters.requests + app.counters.streams;
    // One that is too slow is passed through.
    let is_seen = || async {
        let mut client = Two::connect(routes.port).await;
        assert_eq!(client.get("/").await.unwrap().body, "one");
        let asked = asked.fetch_add(1, SeqCst) + 1;
        let app = gateway.control().await.app_when(|app| counted(app) >= asked).await;
        assert_eq!(counted(&app), asked, "{:?}", app.counters);
        app.counters.requests > 0
    };
    until("one was seen as HTTP/2", is_seen).await;
}

/// How many connections have been accepted.
async fn accepted(gateway: &Gateway) -> u64 {
    gateway.status().await.listeners[0].accepted
}
