//! What is spoken on a port of which nobody has said it.

use crate::support::client::{self, Two, connect, echo, get, read, send_raw};
use crate::support::{Gateway, Routes, server, until};
use backstay_routes::Mode;
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_speaks_first_is_heard() {
    let server = server::tcp("one", |stream| server::greet_and_echo(stream, "220 hello")).await;
    let routes = Routes::to(&[&server]).mode(Mode::Auto);
    let (_gateway, _control) = Gateway::with(&routes).await;
    let began = Instant::now();
    let mut client = connect(routes.port).await.unwrap();
    assert_eq!(read(&mut client, 9).await.unwrap(), "220 hello");
    assert!(began.elapsed() < Duration::from_secs(2));
    // Whoever asks it in HTTP gets no answer in it, and does not change that.
    assert_eq!(get(routes.port, "/").await.status, 502);
    let mut client = connect(routes.port).await.unwrap();
    let began = Instant::now();
    assert_eq!(read(&mut client, 9).await.unwrap(), "220 hello");
    assert!(began.elapsed() < Duration::from_secs(2));
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
    let (_gateway, _control) = Gateway::with(&routes).await;
    let mut client = send_raw(routes.port, b"GE").await;
    tokio::time::sleep(Duration::from_millis(30)).await;
    let rest = b"T / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    tokio::io::AsyncWriteExt::write_all(&mut client, rest).await.unwrap();
    assert!(client::read_all(&mut client).await.ends_with("one"));
    assert!(server.last_headers().contains_key("x-forwarded-for"));
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
    let mut beforehand = connect(routes.port).await.unwrap();
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
    let (_gateway, mut control) = Gateway::with(&routes).await;
    let mut client = Two::connect(routes.port).await;
    assert_eq!(client.get("/").await.unwrap().body, "one");
    let app = control.app_when(|app| app.counters.requests > 0).await;
    assert_eq!(app.counters.requests, 1);
}
