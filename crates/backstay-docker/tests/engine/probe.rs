//! Health checks of `x-backstay.health` on containers that run.

use backstay_core::ports::{Checks, Containers};
use std::time::Duration;

use backstay_core::engine::Answer;
use backstay_core::stack::Model;

use crate::world::world;

/// A check, as it stands in a compose file.
fn check(text: &str) -> backstay_core::stack::Probe {
    let yaml =
        format!("name: shop\nservices: {{web: {{image: w, x-backstay: {{health: {text}}}}}}}\n");
    Model::parse(&yaml).unwrap().services["web"].probes[0].clone()
}

#[tokio::test]
async fn a_container_is_asked_at_its_own_address_and_inside() {
    let Some(world) = world(
        "services:
  web: {image: IMAGE}
  twin: {image: IMAGE, network_mode: \"service:web\", environment: {PORT: \"9090\"}}
  alone: {image: IMAGE, network_mode: none}
",
    ) else {
        return;
    };
    world.compose(&["up", "-d"]);
    let containers = world.containers().await;
    let id = |name: &str| containers.iter().find(|c| c.service == name).unwrap().id.clone();
    let ask = async |service: &str, text: &str| {
        world.engine.probe(&id(service), &check(text)).await.unwrap()
    };
    let passes = async |service: &str, text: &str| {
        let begun = std::time::Instant::now();
        loop {
            match ask(service, text).await {
                Answer::Passed => return,
                other => assert!(begun.elapsed() < Duration::from_secs(30), "{text}: {other:?}"),
            }
        }
    };
    let fails = async |service: &str, text: &str| match ask(service, text).await {
        Answer::Failed(why) => why,
        other => panic!("{text}: {other:?}"),
    };
    passes("web", "{tcp: 8080}").await;
    passes("twin", "{tcp: 9090}").await;
    passes("web", "{http: \"http://localhost:8080/healthz\"}").await;
    passes("web", "{http: {url: \"http://a.test:8080/healthz\", status: 200, body: healthy}}")
        .await;
    passes("web", "{exec: [/server, healthcheck]}").await;

    let why = fails("web", "{http: \"http://localhost:8080/nowhere\"}").await;
    assert_eq!(why, "status 404");
    passes("web", "{http: {url: \"http://localhost:8080/nowhere\", status: 404}}").await;
    let why = fails("web", "{http: {url: \"http://localhost:8080/healthz\", body: sick}}").await;
    assert!(why.contains("the body does not contain"), "{why}");
    assert!(fails("web", "{tcp: 8081}").await.contains("refused"));
    assert!(!fails("web", "{http: \"https://localhost:8080/\"}").await.is_empty());
    let why = fails("web", "{http: \"http://localhost:8080/slow/3000\", timeout: 100ms}").await;
    assert!(!why.is_empty());
    assert_eq!(fails("alone", "{tcp: 8080}").await, "the container has no network");

    let why = fails("web", "{exec: [/server, nonsense]}").await;
    assert!(why.starts_with("exit code "), "{why}");
    assert!(fails("web", "{exec: [/not-there]}").await.contains("not-there"));
    world.engine.stop(&id("web")).await.unwrap();
    assert!(!fails("web", "{exec: [/server, healthcheck]}").await.is_empty());
}
