//! Containers that run: DNS names, ports, output, state.

use backstay_core::ports::{Containers, Networks};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use backstay_core::engine::{EngineErrorKind, PortClaim, Status};
use backstay_core::ports::Engine;
use backstay_core::stack::Port;

use crate::world::{docker, wanted, world};

#[tokio::test]
async fn new_dns_names_do_not_cost_the_address() {
    let Some(world) = world(
        "services:
  web: {image: IMAGE, networks: {default: {aliases: [www]}, back: {}}}
  db: {image: IMAGE}
networks: {back: {}}
",
    ) else {
        return;
    };
    world.compose(&["up", "-d"]);
    let network = format!("{}_default", world.project);
    let web = world.containers().await.into_iter().find(|c| c.service == "web").unwrap();
    let names = web.networks[&network].clone();
    assert!(names.contains(&"www".to_owned()));
    let address = async || {
        let detail = world.inspect(&web.id).await;
        detail["NetworkSettings"]["Networks"][&network]["IPAddress"].as_str().unwrap().to_owned()
    };
    let before = address().await;
    let engine = &world.engine;
    assert!(engine.set_aliases(&web.id, &network, &[]).await.unwrap());
    assert!(engine.container(&web.id).await.unwrap().unwrap().networks[&network].is_empty());
    assert!(engine.set_aliases(&web.id, &network, &names).await.unwrap());
    assert!(engine.set_aliases(&web.id, &network, &names).await.unwrap());
    assert_eq!(address().await, before);
    assert_eq!(engine.container(&web.id).await.unwrap().unwrap().networks, web.networks);

    // Cut off between leaving and joining.
    docker(&["network", "disconnect", &network, &web.id]);
    engine.set_aliases(&web.id, &network, &names).await.unwrap();
    assert_eq!(engine.container(&web.id).await.unwrap().unwrap().networks, web.networks);

    // A container that does not run.
    engine.stop(&web.id).await.unwrap();
    engine.set_aliases(&web.id, &network, &[]).await.unwrap();
    assert!(engine.container(&web.id).await.unwrap().unwrap().networks[&network].is_empty());
    engine.set_aliases(&web.id, &network, &names).await.unwrap();
    engine.start(&web.id).await.unwrap();
    assert_eq!(engine.container(&web.id).await.unwrap().unwrap().networks, web.networks);
    let missing = engine.set_aliases("backstay-t-none", &network, &[]).await.unwrap_err();
    assert_eq!(missing.kind, EngineErrorKind::NotFound);
}

#[tokio::test]
async fn a_taken_port_is_found_before_and_told_after() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let stack = format!("services:\n  web: {{image: IMAGE, ports: [\"127.0.0.1:{port}:8080\"]}}\n");
    let Some(world) = world(&stack) else { return };
    let claim = PortClaim {
        service: "web".to_owned(),
        port: Port {
            host_ip: Some("127.0.0.1".to_owned()),
            published: Some((port, port)),
            target: 8080,
            protocol: "tcp".to_owned(),
        },
    };
    let claims = [claim];
    let conflicts = world.engine.port_conflicts(&world.project, &claims).await.unwrap();
    assert_eq!(conflicts.len(), 1);
    assert_eq!((conflicts[0].service.as_str(), &conflicts[0].container), ("web", &None));

    let created = world.create(&[wanted("web")]).await;
    let error = world.engine.start(&created[0].id).await.unwrap_err();
    assert_eq!(error.kind, EngineErrorKind::PortTaken, "{error}");
    drop(listener);
    world.engine.start(&created[0].id).await.unwrap();
    // The engine's list has the port a moment later.
    let until = Instant::now() + Duration::from_secs(20);
    let mut ports = world.containers().await.remove(0).ports;
    while ports.is_empty() && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(50)).await;
        ports = world.containers().await.remove(0).ports;
    }
    assert_eq!(ports.first().map(|found| found.port), Some(port));
    // The project's own port is no conflict; for another project it is.
    let own = world.engine.port_conflicts(&world.project, &claims).await.unwrap();
    assert!(own.is_empty(), "{own:?}");
    let other = world.engine.port_conflicts("backstay-t-other", &claims).await.unwrap();
    assert!(other[0].container.as_ref().unwrap().starts_with(&world.project));
}

#[tokio::test]
async fn output_and_the_end_of_a_container_are_told() {
    let Some(world) = world(
        "services:
  bad: {image: IMAGE, environment: {MODE: \"exit:7\"}}
  tty: {image: IMAGE, tty: true, environment: {MODE: \"exit:7\"}}
",
    ) else {
        return;
    };
    world.compose(&["up", "-d"]);
    for container in world.containers().await {
        docker(&["wait", &container.id]);
    }
    for container in world.containers().await {
        assert_eq!(container.state.status, Status::Exited);
        assert_eq!(container.state.exit_code, 7);
        assert!(!container.state.started_at.is_empty());
        let all = world.engine.logs(&container.id, 100).await.unwrap();
        let printed = crate::world::run(&["logs", &container.id]);
        let text = [printed.stdout, printed.stderr].concat();
        let count = String::from_utf8_lossy(&text).lines().count();
        assert_eq!(all.len(), count, "{all:?}");
        assert!(world.engine.logs(&container.id, 1).await.unwrap().len() <= 1);
    }
    assert!(world.engine.container("backstay-t-none").await.unwrap().is_none());
    assert!(world.engine.logs("backstay-t-none", 5).await.unwrap().is_empty());
    let missing = world.engine.start("backstay-t-none").await.unwrap_err();
    assert_eq!(missing.kind, EngineErrorKind::NotFound);
}

#[tokio::test]
async fn one_off_containers_are_not_listed() {
    let Some(world) = world("services:\n  web: {image: IMAGE}\n") else { return };
    world.compose(&["run", "-d", "web"]);
    assert!(world.containers().await.is_empty());
    let info = world.engine.info().await.unwrap();
    assert!(!info.engine.is_empty() && info.api.starts_with("1.") && !info.compose.is_empty());
}
