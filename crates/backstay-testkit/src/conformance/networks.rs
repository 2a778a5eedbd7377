//! Networks and host ports.

use backstay_core::engine::{EngineErrorKind, PortClaim, Status};
use backstay_core::stack::Port;

use super::bench::Bench;
use super::fixture::{Fixture, Wanted};

/// A network goes when nothing runs on it, and going twice is fine.
pub async fn a_network_in_use_stays<F: Fixture>(fixture: &F) {
    let bench = Bench::new(fixture, &[Wanted::new("web")]).await;
    let engine = bench.engine();
    let id = bench.run("web", 1).await.remove(0).id;
    let networks = engine.networks(&bench.project).await.unwrap();
    assert_eq!(networks, [format!("{}_default", bench.project)]);
    assert!(engine.remove_network(&networks[0]).await.is_err());
    engine.remove(&id, true).await.unwrap();
    engine.remove_network(&networks[0]).await.unwrap();
    engine.remove_network(&networks[0]).await.unwrap();
    assert!(engine.networks(&bench.project).await.unwrap().is_empty());
}

/// The second one can't start while the first one has the port, and can afterwards.
pub async fn a_host_port_belongs_to_one_container<F: Fixture>(fixture: &F) {
    let port = fixture.port();
    let line = format!("ports: [\"{port}:8080\"]");
    let services = [Wanted::new("one").with(&line), Wanted::new("two").with(&line)];
    let bench = Bench::new(fixture, &services).await;
    let engine = bench.engine();
    let one = bench.run("one", 1).await.remove(0).id;
    let two = bench.create("two", 1).await.remove(0).id;
    assert_eq!(bench.look(&two).await.ports.iter().map(|p| p.port).collect::<Vec<_>>(), [port]);
    let error = engine.start(&two).await.unwrap_err();
    assert_eq!(error.kind, EngineErrorKind::PortTaken, "{error}");
    assert_ne!(bench.look(&two).await.state.status, Status::Running);
    engine.stop(&one).await.unwrap();
    engine.start(&two).await.unwrap();
    assert_eq!(bench.look(&two).await.state.status, Status::Running);
}

/// Who holds a port is told apart: the own project, somebody else, nobody.
pub async fn a_foreign_holder_of_a_port_is_named<F: Fixture>(fixture: &F) {
    let (taken, free) = (fixture.port(), fixture.port());
    let wanted = Wanted::new("web").with(&format!("ports: [\"{taken}:8080\"]"));
    let bench = Bench::new(fixture, &[wanted]).await;
    let holder = bench.run("web", 1).await.remove(0);
    let claim = |port: u16| PortClaim {
        service: "mine".to_owned(),
        port: Port {
            host_ip: None,
            published: Some((port, port)),
            target: 80,
            protocol: "tcp".to_owned(),
        },
    };
    let claims = [claim(taken), claim(free)];
    let engine = bench.engine();
    let own = engine.port_conflicts(&bench.project, &claims).await.unwrap();
    assert!(own.is_empty(), "{own:?}");
    let found = engine.port_conflicts(&fixture.project(), &claims).await.unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].container.as_ref(), Some(&holder.name));
    assert_eq!((found[0].service.as_str(), &found[0].port), ("mine", &format!("{taken}/tcp")));
}
