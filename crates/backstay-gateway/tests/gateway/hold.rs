//! Requests and connections that wait.

use crate::support::client::{self, echo, get, read, send_raw, try_get};
use crate::support::{Control, Gateway, PATIENCE, Routes, server, until};
use backstay_routes::{Mode, RefusalKind, Request};
use std::time::{Duration, Instant};

async fn waiting(control: &mut Control, count: u64) {
    let deadline = Instant::now() + PATIENCE;
    while control.status().await.services["app"].held_now != count {
        assert!(Instant::now() < deadline, "{count} never waited");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_goes_to_the_new_container_when_it_is_opened() {
    let old = server::http("old").start().await;
    let routes = Routes::to(&[&old]);
    let (gateway, mut control) = Gateway::with(&routes).await;
    control.hold(100, 10_000, 10_000).await;
    let port = routes.port;
    let requests: Vec<_> =
        (0..20).map(|_| tokio::spawn(async move { get(port, "/").await.body })).collect();
    waiting(&mut gateway.control().await, 20).await;
    assert_eq!(old.requests(), 0);
    assert_eq!(control.drain("old", 1000).await, backstay_routes::Drained::default());
    // It is gone before the other one is there: nobody sees it.
    let address = server::next(old.address);
    old.gone().await;
    let new = server::http("new").start_at(address).await;
    control.apply(&routes.now_to(&[&new])).await;
    assert_eq!(new.requests(), 0);
    assert_eq!(control.open().await, 20);
    for request in requests {
        assert_eq!(request.await.unwrap(), "new");
    }
    let status = control.app_when(|app| app.held == 20 && app.held_now == 0).await;
    assert_eq!((status.held, status.held_now, status.counters.errors.total()), (20, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_and_too_late_are_told_so() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (gateway, mut control) = Gateway::with(&routes).await;
    control.hold(1, 5000, 60_000).await;
    let port = routes.port;
    let first = tokio::spawn(async move { get(port, "/").await });
    waiting(&mut gateway.control().await, 1).await;
    let second = get(port, "/").await;
    assert_eq!((second.status, &second.headers["retry-after"]), (503, &"1".parse().unwrap()));
    let first = first.await.unwrap();
    assert_eq!(first.status, 504, "{first:?}");
    let errors =
        control.app_when(|app| app.counters.errors.held_too_long > 0).await.counters.errors;
    assert_eq!((errors.over_limit, errors.held_too_long), (1, 1));
    assert_eq!(server.requests(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_makes_place() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (gateway, mut control) = Gateway::with(&routes).await;
    control.hold(1, 20_000, 20_000).await;
    let mut other = gateway.control().await;
    let leaves = send_raw(routes.port, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    waiting(&mut other, 1).await;
    drop(leaves);
    waiting(&mut other, 0).await;
    // Also one whose body nobody has read.
    let head = format!(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n{}",
        "x".repeat(50_000)
    );
    let leaves = send_raw(routes.port, head.as_bytes()).await;
    waiting(&mut other, 1).await;
    drop(leaves);
    waiting(&mut other, 0).await;
    assert_eq!(server.requests(), 0);
    let port = routes.port;
    let stays = tokio::spawn(async move { get(port, "/").await.body });
    waiting(&mut other, 1).await;
    control.open().await;
    assert_eq!(stays.await.unwrap(), "one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_ends_with_its_connection() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (gateway, mut control) = Gateway::with(&routes).await;
    control.hold(10, 10_000, 60_000).await;
    let port = routes.port;
    let held = tokio::spawn(async move { get(port, "/").await.body });
    let mut other = gateway.control().await;
    waiting(&mut other, 1).await;
    // Nobody else can open it, or hold it too.
    let open = Request::Open { services: vec!["app".into()] };
    assert_eq!(other.refused(open).await.kind, RefusalKind::NotHeld);
    let hold =
        backstay_routes::Hold { services: vec!["app".into()], limit: 1, wait_ms: 1, lease_ms: 1 };
    assert_eq!(other.refused(Request::Hold(hold)).await.kind, RefusalKind::Busy);
    drop(control);
    assert_eq!(held.await.unwrap(), "one");
    assert!(!other.status().await.services["app"].shut);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_ends_with_its_lease() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (gateway, mut control) = Gateway::with(&routes).await;
    control.hold(10, 60_000, 5000).await;
    let began = Instant::now();
    let port = routes.port;
    let held = tokio::spawn(async move { get(port, "/").await.body });
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(1500)).await;
        let renewed = control.ask(Request::Renew { lease_ms: 5000 }).await;
        assert_eq!(renewed, backstay_routes::Answer::Renewed);
    }
    // All the while.
    waiting(&mut gateway.control().await, 1).await;
    assert_eq!(held.await.unwrap(), "one");
    assert!(began.elapsed() > Duration::from_millis(9000), "{:?}", began.elapsed());
    let renew = Request::Renew { lease_ms: 5000 };
    assert_eq!(control.refused(renew).await.kind, RefusalKind::NotHeld);
}

#[tokio::test(flavor = "multi_thread")]
async fn tcp_connections_wait_where_nothing_is_lost() {
    let old = server::tcp("old", |stream| server::greet_and_echo(stream, "old")).await;
    let new = server::tcp_beside("new", &old, |stream| server::greet_and_echo(stream, "new")).await;
    let routes = Routes::to(&[&old]).mode(Mode::Tcp);
    let (gateway, mut control) = Gateway::with(&routes).await;
    control.hold(100, 10_000, 60_000).await;
    let mut clients = Vec::new();
    for _ in 0..5 {
        clients.push(send_raw(routes.port, b"hello").await);
    }
    // Not accepted: they outlive a worker that is killed.
    assert_eq!(gateway.status().await.listeners[0].accepted, 0);
    control.apply(&routes.now_to(&[&new])).await;
    control.open().await;
    for client in &mut clients {
        assert_eq!(read(client, 8).await.unwrap(), "newhello");
    }
    assert_eq!(old.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_of_any_kind_waits_unread() {
    let server = server::tcp("one", |stream| server::greet_and_echo(stream, "one")).await;
    let routes = Routes::to(&[&server]).mode(Mode::Auto);
    let (gateway, mut control) = Gateway::with(&routes).await;
    control.hold(100, 10_000, 60_000).await;
    let mut silent = client::connect(routes.port).await.unwrap();
    waiting(&mut gateway.control().await, 1).await;
    assert_eq!(server.connections(), 0);
    control.open().await;
    assert_eq!(read(&mut silent, 3).await.unwrap(), "one");
    echo(&mut silent, "hello").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_of_what_is_not_there_is_refused() {
    let gateway = Gateway::start().await;
    let mut control = gateway.control().await;
    let hold =
        backstay_routes::Hold { services: vec!["app".into()], limit: 1, wait_ms: 1, lease_ms: 1 };
    assert_eq!(control.refused(Request::Hold(hold)).await.kind, RefusalKind::Unknown);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_service_is_held_and_opened_many_times_without_a_failure() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (_gateway, mut control) = Gateway::with(&routes).await;
    let load = crate::support::load::Load::new_connections(routes.port, 8);
    for _ in 0..20 {
        load.more(10).await;
        control.hold(1000, 10_000, 10_000).await;
        // Nothing new reaches it, so that it is quiet when it is drained.
        assert_eq!(control.drain("one", 5000).await, backstay_routes::Drained::default());
        let before = server.requests();
        until("somebody waits", || async { try_wait(&routes).await }).await;
        assert_eq!(server.requests(), before);
        control.open().await;
    }
    let outcome = load.end().await;
    assert_eq!(outcome.failed, Vec::<String>::new());
}

/// A moment in which a request would get through if it could.
async fn try_wait(routes: &Routes) -> bool {
    tokio::time::timeout(Duration::from_millis(20), try_get(routes.port, "/")).await.is_err()
}
