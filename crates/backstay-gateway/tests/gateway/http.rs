//! What HTTP has.

use crate::support::client::{Keep, Two, get, post, read_all, request, send_raw};
use crate::support::{Gateway, Routes, server, soon, until};
use backstay_routes::{Mode, Side};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use hyper::header::HeaderValue;
use hyper::{HeaderMap, Request, Response};
use std::convert::Infallible;
use tokio::io::AsyncWriteExt;

#[tokio::test(flavor = "multi_thread")]
async fn the_outside_is_told_of_and_the_inside_is_as_it_was() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (_gateway, mut control) = Gateway::with(&routes).await;
    let mut ask = request("/");
    ask.headers_mut().insert("x-forwarded-for", HeaderValue::from_static("10.9.8.7"));
    ask.headers_mut().insert("x-own", HeaderValue::from_static("kept"));
    Keep::connect(routes.port).await.send(ask.clone()).await.unwrap();
    let headers = server.last_headers();
    assert_eq!(headers["host"], "shop.example");
    assert_eq!(headers["x-forwarded-for"], "10.9.8.7, 127.0.0.1");
    assert_eq!(headers["x-forwarded-host"], "shop.example");
    assert_eq!(headers["x-forwarded-proto"], "http");
    assert_eq!(headers["x-own"], "kept");

    let inside = routes.now_to(&[&server]).side(Side::Inside);
    control.apply(&inside).await;
    Keep::connect(routes.port).await.send(ask.clone()).await.unwrap();
    assert_eq!(server.last_headers(), *ask.headers());
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_pass_whole_in_both_directions() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (_gateway, _control) = Gateway::with(&routes).await;
    let body = "0123456789".repeat(500_000);
    let mut connection = Keep::connect(routes.port).await;
    for _ in 0..3 {
        let got = connection.send(post("/echo", body.as_bytes())).await.unwrap();
        assert!(got.body == body);
    }
    let chunked = b"POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n\
        5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
    let mut raw = send_raw(routes.port, chunked).await;
    let answer = read_all(&mut raw).await;
    assert!(answer.contains("hello") && answer.contains(" world"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_has_no_body_and_keeps_its_length() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (_gateway, _control) = Gateway::with(&routes).await;
    let mut connection = Keep::connect(routes.port).await;
    let mut head = request("/");
    *head.method_mut() = hyper::Method::HEAD;
    let got = connection.send(head).await.unwrap();
    assert_eq!((got.headers["content-length"].to_str().unwrap(), got.body.as_str()), ("3", ""));
    assert_eq!(connection.get("/").await.body, "one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_asked_for_only_when_the_service_wants_it() {
    let server = server::http("one")
        .route("/whole", |request, _| async move {
            let body = request.into_body().collect().await.unwrap().to_bytes();
            server::text(&String::from_utf8_lossy(&body))
        })
        .route("/refuse", |_, _| async {
            let mut response = server::text("too much");
            *response.status_mut() = hyper::StatusCode::PAYLOAD_TOO_LARGE;
            response
        })
        .start()
        .await;
    let routes = Routes::to(&[&server]);
    let (_gateway, _control) = Gateway::with(&routes).await;
    let head = |path: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
        )
    };
    let mut wanted = send_raw(routes.port, head("/whole").as_bytes()).await;
    let continues = crate::support::client::read(&mut wanted, 25).await.unwrap();
    assert_eq!(continues, "HTTP/1.1 100 Continue\r\n\r\n");
    wanted.write_all(b"hello").await.unwrap();
    assert!(read_all(&mut wanted).await.ends_with("hello"));

    // One that answers at once, and then goes on with what it gets.
    let mut echoed = send_raw(routes.port, head("/echo").as_bytes()).await;
    echoed.write_all(b"hello").await.unwrap();
    assert!(read_all(&mut echoed).await.contains("hello"));

    let mut refused = send_raw(routes.port, head("/refuse").as_bytes()).await;
    let answer = read_all(&mut refused).await;
    assert!(answer.starts_with("HTTP/1.1 413") && answer.ends_with("too much"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn trailers_pass_over_http_2_as_grpc_needs_them() {
    let server = server::http("one")
        .route("/call", |request, _| async move {
            assert_eq!(request.headers()["te"], "trailers");
            let mut trailers = HeaderMap::new();
            trailers.insert("grpc-status", HeaderValue::from_static("0"));
            let frames = [Frame::data(Bytes::from("answer")), Frame::trailers(trailers)];
            let frames = frames.map(Ok::<_, Infallible>);
            Response::new(BodyExt::boxed(StreamBody::new(futures_util::stream::iter(frames))))
        })
        .start()
        .await;
    let routes = Routes::to(&[&server]);
    let (_gateway, _control) = Gateway::with(&routes).await;
    let mut client = Two::connect(routes.port).await;
    let call = Request::builder().uri("http://shop.example/call").header("te", "trailers");
    let call = call.body(Full::new(Bytes::from("question"))).unwrap();
    let response = soon("an answer", client.0.send_request(call)).await.unwrap();
    let body = soon("a body", response.into_body().collect()).await.unwrap();
    assert_eq!(body.trailers().unwrap()["grpc-status"], "0");
    assert_eq!(body.to_bytes(), "answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_of_http_2_go_side_by_side_and_to_the_new_container() {
    let old = server::http("old").start().await;
    let new = server::http("new").beside(&old).await;
    let routes = Routes::to(&[&old]);
    let (_gateway, mut control) = Gateway::with(&routes).await;
    let client = Two::connect(routes.port).await;
    let held: Vec<_> = (0..5)
        .map(|_| {
            let mut client = Two(client.0.clone());
            tokio::spawn(async move { client.get("/held").await.unwrap().body })
        })
        .collect();
    until("all are there", || async { old.requests() == 5 }).await;
    assert_eq!(old.connections(), 1);
    control.apply(&routes.now_to(&[&new])).await;
    assert_eq!(Two(client.0.clone()).get("/").await.unwrap().body, "new");
    old.let_go(5);
    for request in held {
        assert_eq!(request.await.unwrap(), "held");
    }
    assert_eq!(control.drain("old", 5000).await, backstay_routes::Drained::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_ends_its_request() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (_gateway, mut control) = Gateway::with(&routes).await;
    let client = send_raw(routes.port, b"GET /held HTTP/1.1\r\nHost: a\r\n\r\n").await;
    until("it is there", || async { server.requests() == 1 }).await;
    drop(client);
    assert_eq!(control.drain("one", 5000).await, backstay_routes::Drained::default());
    until("the service hears of it", || async { server.open() == 0 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unused_connection_stays_and_costs_nothing_but_itself() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]).mode(Mode::Http);
    let (_gateway, _control) = Gateway::with(&routes).await;
    let mut connection = Keep::connect(routes.port).await;
    for _ in 0..2 {
        assert_eq!(connection.get("/").await.body, "one");
        // Longer than anything is kept for it.
        tokio::time::sleep(std::time::Duration::from_millis(4500)).await;
        assert!(connection.is_open());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_of_http_1_0_is_answered() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (_gateway, _control) = Gateway::with(&routes).await;
    for head in ["GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.0\r\nHost: a\r\n\r\n"] {
        let mut client = send_raw(routes.port, head.as_bytes()).await;
        let answer = read_all(&mut client).await;
        assert!(answer.starts_with("HTTP/1.0 200") && answer.ends_with("one"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_is_too_long_is_refused() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (_gateway, _control) = Gateway::with(&routes).await;
    let head = format!("GET / HTTP/1.1\r\nHost: a\r\nX-Long: {}\r\n\r\n", "x".repeat(100_000));
    let mut client = send_raw(routes.port, head.as_bytes()).await;
    let answer = read_all(&mut client).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    assert_eq!(get(routes.port, "/").await.body, "one");
}
