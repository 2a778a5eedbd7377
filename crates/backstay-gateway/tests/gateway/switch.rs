//! From one container to another.

use crate::support::client::{self, Keep, get};
use crate::support::load::Load;
use crate::support::{Gateway, Routes, server, soon, until};
use hyper::body::Body as _;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_switch_under_load_fails_nobody() {
    let old = server::http("old").start().await;
    let new = server::http("new").beside(&old).await;
    let mut routes = Routes::to(&[&old]);
    let (_gateway, mut control) = Gateway::with(&routes).await;
    let loads = [Load::new_connections(routes.port, 4), Load::kept(routes.port, 4)];
    let socket = Load::web_socket(routes.port);
    for turn in 0..20 {
        let to = if turn % 2 == 0 { &new } else { &old };
        let from = if turn % 2 == 0 { &old } else { &new };
        for load in &loads {
            load.more(20).await;
        }
        routes = routes.now_to(&[to]);
        control.apply(&routes).await;
        // Whoever asks after the answer is led to the new one.
        assert_eq!(get(routes.port, "/").await.body, to.name);
        if turn > 0 {
            let drained = control.drain(&from.name, 5000).await;
            assert_eq!((drained.left_requests, drained.left_streams), (0, 0));
        }
    }
    for load in loads {
        let outcome = load.end().await;
        assert_eq!(outcome.failed, Vec::<String>::new());
        assert!(outcome.good["old"] > 0 && outcome.good["new"] > 0, "{outcome:?}");
    }
    // The WebSocket lives on its old container until that one is drained, which it was in the second turn.
    drop(socket);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_under_way_ends_on_the_old_container() {
    let old = server::http("old").start().await;
    let new = server::http("new").beside(&old).await;
    let routes = Routes::to(&[&old]);
    let (_gateway, mut control) = Gateway::with(&routes).await;
    let port = routes.port;
    let held = tokio::spawn(async move { get(port, "/held").await });
    until("the request is there", || async { old.requests() == 1 }).await;
    control.apply(&routes.now_to(&[&new])).await;
    assert_eq!(get(port, "/").await.body, "new");
    assert_eq!(control.drain("old", 50).await.left_requests, 1);
    old.let_go(1);
    assert_eq!(held.await.unwrap().body, "held");
    assert_eq!(control.drain("old", 5000).await, backstay_routes::Drained::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_connection_asks_the_new_container_and_the_old_ones_are_closed() {
    let old = server::http("old").start().await;
    let new = server::http("new").beside(&old).await;
    let routes = Routes::to(&[&old]);
    let (_gateway, mut control) = Gateway::with(&routes).await;
    let mut connection = Keep::connect(routes.port).await;
    assert_eq!(connection.get("/").await.body, "old");
    assert_eq!(old.open(), 1);
    control.apply(&routes.now_to(&[&new])).await;
    assert_eq!(connection.get("/").await.body, "new");
    until("the pool is dropped", || async { old.open() == 0 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_come_when_they_happen() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (_gateway, _control) = Gateway::with(&routes).await;
    let mut connection = Keep::connect(routes.port).await;
    let mut response = connection.head(client::request("/events")).await.unwrap();
    for count in 0..5 {
        let frame = soon(
            "an event",
            std::future::poll_fn(|cx| std::pin::Pin::new(response.body_mut()).poll_frame(cx)),
        );
        let data = frame.await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(data, format!("data: {count}\n\n"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_used_again_for_the_next_request() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (_gateway, _control) = Gateway::with(&routes).await;
    let mut connection = Keep::connect(routes.port).await;
    for _ in 0..50 {
        connection.get("/").await;
    }
    assert_eq!(server.connections(), 1);
    // A server may close what is unused at any time, so that it is not kept for long.
    until("the unused connection is closed", || async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        server.open() == 0
    })
    .await;
    assert_eq!(connection.get("/").await.body, "one");
}
