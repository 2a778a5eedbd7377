//! Connections that become something else.

use crate::support::client::{echo, get, read, send_raw, web_socket};
use crate::support::{Gateway, Routes, server, until};
use tokio::io::AsyncWriteExt;

#[tokio::test(flavor = "multi_thread")]
async fn a_web_socket_carries_both_ways_and_is_counted() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (_gateway, mut control) = Gateway::with(&routes).await;
    let mut socket = web_socket(routes.port).await;
    for word in ["one", "two", &"three".repeat(10_000)] {
        echo(&mut socket, word).await.unwrap();
    }
    let app = control.app_when(|app| app.counters.requests_now == 0).await;
    assert_eq!((app.counters.streams_now, app.counters.requests_now), (1, 0));
    assert_eq!(app.counters.statuses.informational, 1);
    drop(socket);
    until("it has ended", || async { server.open() == 0 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_right_behind_the_upgrade_is_not_lost() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (_gateway, _control) = Gateway::with(&routes).await;
    let head =
        "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello";
    let mut socket = send_raw(routes.port, head.as_bytes()).await;
    let mut answer = String::new();
    while !answer.ends_with("\r\n\r\nhello") {
        answer += &read(&mut socket, 1).await.unwrap();
    }
    socket.write_all(b" again").await.unwrap();
    assert_eq!(read(&mut socket, 6).await.unwrap(), " again");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_that_the_service_does_not_want_is_a_plain_answer() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (_gateway, _control) = Gateway::with(&routes).await;
    let head = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
    let mut client = send_raw(routes.port, head.as_bytes()).await;
    let mut answer = String::new();
    while !answer.ends_with("one") {
        answer += &read(&mut client, 1).await.unwrap();
    }
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(get(routes.port, "/").await.body, "one");
}
