//! Several containers.

use crate::support::client::{get, send_raw};
use crate::support::load::Load;
use crate::support::{Gateway, Routes, server, until};
use backstay_routes::Mode;

#[tokio::test(flavor = "multi_thread")]
async fn the_container_with_the_least_to_do_is_next() {
    let one = server::http("one").start().await;
    let two = server::http("two").beside(&one).await;
    let routes = Routes::to(&[&one, &two]);
    let (_gateway, mut control) = Gateway::with(&routes).await;
    let port = routes.port;
    let held = tokio::spawn(async move { get(port, "/held").await });
    until("it is held", || async { one.requests() + two.requests() == 1 }).await;
    let other = if one.requests() == 1 { "two" } else { "one" };
    for _ in 0..10 {
        assert_eq!(get(port, "/").await.body, other);
        // It is over for the client a moment before it is for the gateway.
        control.app_when(|app| app.counters.requests_now == 1).await;
    }
    one.let_go(1);
    two.let_go(1);
    held.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn weights_are_shares() {
    let old = server::http("old").start().await;
    let new = server::http("new").beside(&old).await;
    let mut routes = Routes::to(&[&old, &new]);
    routes.targets[0].weight = 90;
    routes.targets[1].weight = 10;
    let (_gateway, _control) = Gateway::with(&routes).await;
    for _ in 0..200 {
        get(routes.port, "/").await;
    }
    assert!((18..=22).contains(&new.requests()), "{}", new.requests());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_is_gone_fails_nobody() {
    let one = server::http("one").start().await;
    let two = server::http("two").beside(&one).await;
    let routes = Routes::to(&[&one, &two]);
    let (_gateway, mut control) = Gateway::with(&routes).await;
    let load = Load::new_connections(routes.port, 4);
    load.more(50).await;
    let address = two.address;
    // Without a connection under way, as one that ends in good order.
    let mut without = routes.now_to(&[&one]);
    control.apply(&without).await;
    control.drain("two", 5000).await;
    two.gone().await;
    without = without.now_to(&[&one]);
    without.targets = routes.targets.clone();
    control.apply(&without).await;
    load.more(100).await;
    // Time and again it may be asked whether it is back, and is passed over for longer then.
    let two_is_out = |app: &backstay_routes::ServiceStatus| {
        let mut two = app.targets.iter().filter(|target| target.id == "two");
        two.any(|two| two.ejected_ms > 0 && two.current)
    };
    let app = control.app_when(two_is_out).await;
    assert!(two_is_out(&app), "{:?}", app.targets);
    let two = server::http("two").start_at(address).await;
    until("it is asked again", || async { two.requests() > 0 }).await;
    assert_eq!(load.end().await.failed, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_container_it_is_said_at_once() {
    let one = server::http("one").start().await;
    let routes = Routes::to(&[&one]);
    let (_gateway, mut control) = Gateway::with(&routes).await;
    control.apply(&routes.now_to(&[])).await;
    let got = get(routes.port, "/").await;
    assert_eq!((got.status, got.body.as_str()), (503, "the service has no container\n"));
    let mut third = routes.now_to(&[&one]);
    third.generation += 1;
    control.apply(&third).await;
    let address = one.address;
    one.gone().await;
    let got = get(routes.port, "/").await;
    assert_eq!((got.status, got.body.as_str()), (502, "the service can't be reached\n"));
    let _back = server::http("one").start_at(address).await;
    assert_eq!(get(routes.port, "/").await.body, "one");
    let told = |app: &backstay_routes::ServiceStatus| app.counters.errors.connect > 0;
    let errors = control.app_when(told).await.counters.errors;
    assert_eq!((errors.no_target, errors.connect), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_is_never_written_again() {
    // Takes the request, and closes without an answer.
    let one = server::tcp("one", |mut stream| async move {
        let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 4096]).await;
    })
    .await;
    let two = server::http("two").beside(&one).await;
    let mut routes = Routes::to(&[&one, &two]).mode(Mode::Http);
    routes.targets[1].weight = 0;
    let (_gateway, _control) = Gateway::with(&routes).await;
    let mut client =
        send_raw(routes.port, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    let answer = crate::support::client::read_all(&mut client).await;
    assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
    assert_eq!((one.connections(), two.connections()), (1, 0));
}
