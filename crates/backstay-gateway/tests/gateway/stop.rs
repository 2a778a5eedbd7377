//! SIGTERM.

use crate::support::client::{Keep, get, request, try_get};
use crate::support::{Gateway, Routes, server, until};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_way_is_finished_and_nothing_new_is_taken() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (mut gateway, mut control) = Gateway::with(&routes).await;
    let mut kept = Keep::connect(routes.port).await;
    kept.get("/").await;
    let held = tokio::spawn(async move { kept.send(request("/held")).await });
    until("the request is there", || async { server.requests() == 2 }).await;
    Gateway::signal(gateway.supervisor(), "TERM");
    // The worker closes it when it has heard of it.
    assert!(control.receive().await.is_none());
    // It waits in the queue for a worker that may come, until there is no socket any more.
    let late = tokio::spawn(async move { try_get(routes.port, "/").await });
    server.let_go(1);
    let held = held.await.unwrap().unwrap();
    assert_eq!((held.status, held.body.as_str()), (200, "held"));
    assert_eq!(held.headers["connection"], "close");
    assert!(gateway.ended().await.success());
    assert!(late.await.unwrap().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_in_time_whatever_is_under_way() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (mut gateway, _control) = Gateway::with(&routes).await;
    let port = routes.port;
    let held = tokio::spawn(async move { try_get(port, "/held").await });
    until("the request is there", || async { server.requests() == 1 }).await;
    let began = std::time::Instant::now();
    assert!(gateway.stop().await.success());
    assert!(began.elapsed().as_secs() < 15, "{:?}", began.elapsed());
    assert!(held.await.unwrap().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_gateway_ends_at_once() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    // So long it would take if it waited for something.
    let (mut gateway, _control) = Gateway::with_grace(&routes, 60_000).await;
    get(routes.port, "/").await;
    let began = std::time::Instant::now();
    assert!(gateway.stop().await.success());
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
}
