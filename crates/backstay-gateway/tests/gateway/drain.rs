//! Waiting for the end of what is under way.

use crate::support::client::{self, Keep, echo, web_socket};
use crate::support::{Gateway, Routes, server, soon};
use backstay_routes::{Drained, RefusalKind, Request};

#[tokio::test(flavor = "multi_thread")]
async fn a_web_socket_lives_until_its_time_is_out() {
    let old = server::http("old").start().await;
    let new = server::http("new").beside(&old).await;
    let mut routes = Routes::to(&[&old]);
    routes.stream_drain = 1;
    let (_gateway, mut control) = Gateway::with(&routes).await;
    let mut socket = web_socket(routes.port).await;
    echo(&mut socket, "one").await.unwrap();
    control.apply(&routes.now_to(&[&new])).await;
    echo(&mut socket, "two").await.unwrap();
    let began = std::time::Instant::now();
    let drained = control.drain("old", 10_000).await;
    assert_eq!(drained, Drained { left_requests: 0, left_streams: 0, cut: 1 });
    assert!(began.elapsed().as_millis() >= 1000);
    assert!(echo(&mut socket, "three").await.is_err());
    let app = control.app_when(|app| app.counters.errors.cut > 0).await;
    assert_eq!(app.counters.errors.cut, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_ends_in_time_is_not_cut() {
    let old = server::http("old").start().await;
    let new = server::http("new").beside(&old).await;
    let routes = Routes::to(&[&old]);
    let (_gateway, mut control) = Gateway::with(&routes).await;
    let mut socket = web_socket(routes.port).await;
    echo(&mut socket, "one").await.unwrap();
    control.apply(&routes.now_to(&[&new])).await;
    let drain = control.drain("old", 10_000);
    let leave = async {
        echo(&mut socket, "two").await.unwrap();
        drop(socket);
    };
    let (drained, ()) = tokio::join!(drain, leave);
    assert_eq!(drained, Drained::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn events_count_as_a_stream() {
    let old = server::http("old").start().await;
    let new = server::http("new").beside(&old).await;
    let mut routes = Routes::to(&[&old]);
    routes.stream_drain = 0;
    let (_gateway, mut control) = Gateway::with(&routes).await;
    let mut connection = Keep::connect(routes.port).await;
    let mut response = connection.head(client::request("/events")).await.unwrap();
    control.apply(&routes.now_to(&[&new])).await;
    assert_eq!(control.drain("old", 10_000).await, Drained { cut: 1, ..Drained::default() });
    soon("the end", async {
        while let Some(Ok(_)) = http_body_util::BodyExt::frame(response.body_mut()).await {}
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_is_not_known_can_not_be_drained() {
    let server = server::http("one").start().await;
    let (_gateway, mut control) = Gateway::with(&Routes::to(&[&server])).await;
    let drain = Request::Drain { service: "app".into(), target: "other".into(), timeout_ms: 10 };
    assert_eq!(control.refused(drain).await.kind, RefusalKind::Unknown);
}
