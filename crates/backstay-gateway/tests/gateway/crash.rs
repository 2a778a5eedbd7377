//! A worker that is killed.

use crate::support::client::{get, send_raw, try_get};
use crate::support::load::Load;
use crate::support::{Gateway, Routes, server, until};
use std::time::Instant;

#[tokio::test(flavor = "multi_thread")]
async fn the_next_one_is_there_at_once_with_the_same_routes() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (gateway, _control) = Gateway::with(&routes).await;
    for _ in 0..5 {
        let worker = gateway.worker().await;
        Gateway::signal(worker, "KILL");
        let killed = Instant::now();
        // It waits in the queue of the socket, which the supervisor holds.
        assert_eq!(get(routes.port, "/").await.body, "one");
        assert!(killed.elapsed().as_millis() < 5000, "{:?}", killed.elapsed());
        until("another worker", || async { gateway.worker().await != worker }).await;
    }
    assert_eq!(gateway.status().await.generation, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_under_way_fails() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (gateway, _control) = Gateway::with(&routes).await;
    let load = Load::new_connections(routes.port, 4);
    load.more(100).await;
    Gateway::signal(gateway.worker().await, "KILL");
    load.more(100).await;
    let outcome = load.end().await;
    // One for each client that had a connection at that moment.
    assert!(outcome.failed.len() <= 4, "{:?}", outcome.failed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_does_not_outlive_its_worker() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (gateway, mut control) = Gateway::with(&routes).await;
    control.hold(10, 60_000, 60_000).await;
    let held = send_raw(routes.port, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    Gateway::signal(gateway.worker().await, "KILL");
    assert_eq!(get(routes.port, "/").await.body, "one");
    drop(held);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_does_not_outlive_its_supervisor() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (mut gateway, _control) = Gateway::with(&routes).await;
    let worker = gateway.worker().await;
    Gateway::signal(gateway.supervisor(), "KILL");
    gateway.ended().await;
    until("the worker ends", || async { !crate::support::gateway::is_alive(worker) }).await;
    assert!(try_get(routes.port, "/").await.is_err());
}
