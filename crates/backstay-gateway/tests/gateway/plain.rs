//! Plain requests, which go the short way, and servers that answer them in their own ways.

use crate::support::client::{Keep, get, post, read, read_all, request, send_raw};
use crate::support::server::{self, Server};
use crate::support::{Gateway, Routes, until};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A server that answers every request with these pieces, one after the other, and then keeps the connection or not.
async fn answering(pieces: &'static [&'static str], keeps: bool) -> Server {
    server::tcp("raw", move |mut stream| async move {
        while heard(&mut stream).await.is_some() {
            for piece in pieces {
                if stream.write_all(piece.as_bytes()).await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            if !keeps {
                return;
            }
        }
    })
    .await
}

/// A request's head, up to its end.
async fn heard(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

async fn asked(routes: &Routes) -> String {
    let ask = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let mut client = send_raw(routes.port, ask).await;
    read_all(&mut client).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_in_any_pieces_is_the_same_answer() {
    let server = answering(
        &[
            "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTT",
            "P/1.1 200 OK\r\nX-On",
            "e: 1\r\nTransfer-Encoding: chunked\r\n",
            "\r",
            "\n5\r\nhel",
            "lo\r\n",
            "6",
            "\r\n world\r\n0\r\n",
            "X-Sum: 2\r\n\r",
            "\n",
        ],
        true,
    )
    .await;
    let routes = Routes::to(&[&server]);
    let (_gateway, mut control) = Gateway::with(&routes).await;
    let mut connection = Keep::connect(routes.port).await;
    for _ in 0..5 {
        let got = connection.get("/").await;
        assert_eq!((got.status, got.body.as_str()), (200, "hello world"));
        assert_eq!(got.headers["x-one"], "1");
    }
    // One connection has carried all of it.
    assert_eq!(server.connections(), 1);
    let counters = control.app_when(|app| app.counters.requests == 5).await.counters;
    assert_eq!((counters.requests, counters.errors.total()), (5, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_ends_with_the_connection_is_whole() {
    let server = answering(&["HTTP/1.1 200 OK\r\n\r\nall", " of it"], false).await;
    let routes = Routes::to(&[&server]);
    let (_gateway, _control) = Gateway::with(&routes).await;
    let got = get(routes.port, "/").await;
    assert_eq!(
        (got.body.as_str(), &got.headers["connection"]),
        ("all of it", &"close".parse().unwrap())
    );
    let old = answering(&["HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold"], false).await;
    let mut routes = routes.now_to(&[&old]);
    routes.to = old.address.port();
    _gateway.control().await.apply(&routes).await;
    let answer = asked(&routes).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("old"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_breaks_off_is_not_taken_for_whole() {
    let server = answering(&["HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"], false).await;
    let routes = Routes::to(&[&server]);
    let (_gateway, mut control) = Gateway::with(&routes).await;
    let failed = crate::support::client::try_get(routes.port, "/").await.unwrap_err();
    assert!(failed.contains("IncompleteMessage") || failed.contains("Body"), "{failed}");
    let app = control.app_when(|app| app.counters.errors.reset > 0).await;
    assert_eq!(app.counters.errors.reset, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_answer_is_told_as_that() {
    let server = answering(&["220 mail.example\r\n\r\n"], true).await;
    let routes = Routes::to(&[&server]);
    let (_gateway, _control) = Gateway::with(&routes).await;
    let mut connection = Keep::connect(routes.port).await;
    for _ in 0..2 {
        let got = connection.get("/").await;
        assert_eq!(
            (got.status, got.body.as_str()),
            (502, "the service broke off before it answered\n")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_more_than_it_was_asked_is_not_asked_again() {
    let more = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
    let pieces: &'static [&'static str] = Box::leak(Box::new([more]));
    let server = answering(pieces, true).await;
    let routes = Routes::to(&[&server]);
    let (_gateway, _control) = Gateway::with(&routes).await;
    let mut connection = Keep::connect(routes.port).await;
    for _ in 0..3 {
        assert_eq!(connection.get("/").await.body, "ok");
    }
    assert_eq!(server.connections(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_was_closed_unused_costs_no_request() {
    // Keeps a connection for one request more than it says.
    let server = answering(&["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"], false).await;
    let routes = Routes::to(&[&server]);
    let (_gateway, _control) = Gateway::with(&routes).await;
    let mut connection = Keep::connect(routes.port).await;
    for count in 1..=20 {
        assert_eq!(connection.get("/").await.body, "ok");
        // The end has to come through the kernel, as it has where somebody stops a container.
        let has_closed = || async { server.open() == 0 && !server.is_connected() };
        until("it has closed", has_closed).await;
        assert_eq!(server.connections(), count);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_and_other_requests_share_a_connection() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (_gateway, _control) = Gateway::with(&routes).await;
    let mut connection = Keep::connect(routes.port).await;
    for count in 0..10 {
        assert_eq!(connection.get("/").await.body, "one");
        let word = format!("word {count}");
        assert_eq!(connection.send(post("/echo", word.as_bytes())).await.unwrap().body, word);
        let mut head = request("/");
        *head.method_mut() = hyper::Method::HEAD;
        assert_eq!(connection.send(head).await.unwrap().headers["content-length"], "3");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_sent_ahead_are_answered_in_their_order() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (_gateway, _control) = Gateway::with(&routes).await;
    let one = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n";
    let last = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let mut client = send_raw(routes.port, format!("{one}{one}{one}{last}").as_bytes()).await;
    let answers = read_all(&mut client).await;
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 4, "{answers}");
    assert!(answers.ends_with("one"), "{answers}");
    // Ahead, but each by itself.
    let mut client = send_raw(routes.port, one.as_bytes()).await;
    client.write_all(last.as_bytes()).await.unwrap();
    assert_eq!(read_all(&mut client).await.matches("HTTP/1.1 200").count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_reads_slowly_gets_all_of_it() {
    let server = server::http("one")
        .route("/much", |_, _| async { server::text(&"0123456789".repeat(800_000)) })
        .start()
        .await;
    let routes = Routes::to(&[&server]);
    let (_gateway, _control) = Gateway::with(&routes).await;
    let ask = b"GET /much HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let mut client = send_raw(routes.port, ask).await;
    let mut all = String::new();
    for _ in 0..20 {
        all += &read(&mut client, 10_000).await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    all += &read_all(&mut client).await;
    let body = all.split_once("\r\n\r\n").unwrap().1;
    assert!(body == "0123456789".repeat(800_000), "{} bytes", body.len());
}
