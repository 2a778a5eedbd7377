//! What is left after the container or the machine was gone.

use crate::support::client::get;
use crate::support::{Gateway, Routes, server};
use backstay_routes::RefusalKind;
use tempfile::TempDir;

#[tokio::test(flavor = "multi_thread")]
async fn the_routes_are_in_force_again() {
    let server = server::http("one").start().await;
    let mut routes = Routes::to(&[&server]);
    routes.generation = 7;
    let (mut gateway, _control) = Gateway::with(&routes).await;
    gateway.power_cycle().await;
    assert_eq!(get(routes.port, "/").await.body, "one");
    let status = gateway.status().await;
    assert_eq!((status.generation, status.trouble), (7, Vec::new()));
    let mut control = gateway.control().await;
    let stale = backstay_routes::Request::Apply { snapshot: routes.snapshot() };
    assert_eq!(control.refused(stale).await.kind, RefusalKind::Stale);
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_routes_are_said_and_new_ones_are_taken() {
    let state = TempDir::new().unwrap();
    std::fs::write(state.path().join("routes.json"), b"{\"format\": 1, \"gene").unwrap();
    let gateway = Gateway::start_in(state).await;
    let status = gateway.status().await;
    assert_eq!(status.generation, 0);
    assert!(status.trouble[0].contains("damaged"), "{:?}", status.trouble);
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let mut control = gateway.control().await;
    control.apply(&routes).await;
    assert_eq!(get(routes.port, "/").await.body, "one");
    assert_eq!(control.status().await.trouble, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn routes_of_a_newer_gateway_stay_for_it() {
    let state = TempDir::new().unwrap();
    std::fs::write(state.path().join("routes.json"), b"{\"format\": 99}").unwrap();
    let gateway = Gateway::start_in(state).await;
    let trouble = gateway.status().await.trouble;
    assert!(trouble[0].contains("format 99"), "{trouble:?}");
    assert!(gateway.state.path().join("routes.json").exists());
}
