//! Containers while they live.

use std::time::Duration;

use backstay_core::engine::{Answer, Health, OwnChecks, Status};

use super::bench::Bench;
use super::fixture::{Fixture, Wanted};
use crate::fake::Behaviour;

const SECOND: Duration = Duration::from_secs(1);

const CHECK: &str =
    "healthcheck: {test: [CMD, /demo-server, healthcheck], interval: 1s, timeout: 2s, retries: 2}";

/// What has been done already is done again without an error; what is gone is no error either.
pub async fn starting_and_stopping_can_be_repeated<F: Fixture>(fixture: &F) {
    let bench = Bench::new(fixture, &[Wanted::new("web")]).await;
    let engine = bench.engine();
    let id = bench.run("web", 1).await.remove(0).id;
    let running = bench.until(&id, |state| state.status == Status::Running).await;
    engine.start(&id).await.unwrap();
    assert_eq!(bench.look(&id).await.state.started_at, running.started_at, "not started again");
    engine.stop(&id).await.unwrap();
    engine.stop(&id).await.unwrap();
    assert_eq!(bench.look(&id).await.state.status, Status::Exited);
    engine.start(&id).await.unwrap();
    assert_eq!(bench.look(&id).await.state.status, Status::Running);
    engine.remove(&id, true).await.unwrap();
    engine.remove(&id, true).await.unwrap();
    engine.stop(&id).await.unwrap();
    assert_eq!(engine.container(&id).await.unwrap(), None);
    assert!(engine.start(&id).await.unwrap_err().is_not_found());
    assert!(engine.inspect(&[id]).await.unwrap_err().is_not_found());
}

/// Exit code and last lines.
pub async fn an_end_is_seen_with_its_code_and_its_words<F: Fixture>(fixture: &F) {
    let bench = Bench::new(fixture, &[Wanted::new("job").does(Behaviour::ExitAtStart(3))]).await;
    let id = bench.run("job", 1).await.remove(0).id;
    let state = bench.until(&id, |state| state.status == Status::Exited).await;
    assert_eq!((state.exit_code, state.restarts), (3, 0));
    let lines = bench.engine().logs(&id, 50).await.unwrap();
    assert!(!lines.is_empty());
    let last = bench.engine().logs(&id, 1).await.unwrap();
    assert_eq!(last, lines[lines.len() - 1..]);
}

/// A container that its policy starts again shows it in its count, and a stop ends that.
pub async fn a_restart_policy_counts<F: Fixture>(fixture: &F) {
    let crashes = Behaviour::CrashAfter(Duration::from_millis(200));
    let wanted = Wanted::new("web").does(crashes).with("restart: on-failure");
    let bench = Bench::new(fixture, &[wanted]).await;
    let id = bench.run("web", 1).await.remove(0).id;
    bench.until(&id, |state| state.restarts >= 2).await;
    let code = bench.engine().last_end(&id).await.unwrap();
    assert!(code.is_some_and(|code| code != 0), "it may run again by now: {code:?}");
    bench.engine().stop(&id).await.unwrap();
    let stopped = bench.look(&id).await.state;
    fixture.clock().sleep(Duration::from_secs(2)).await;
    let later = bench.look(&id).await.state;
    assert_eq!((later.status, later.restarts), (Status::Exited, stopped.restarts));
}

/// Its healthcheck and its ports, and whether somebody listens on them.
pub async fn what_a_container_can_be_asked_is_known<F: Fixture>(fixture: &F) {
    let services = [
        Wanted::new("web").with(CHECK).with("ports: [\"8080\"]"),
        Wanted::new("none").with("healthcheck: {disable: true}"),
    ];
    let bench = Bench::new(fixture, &services).await;
    let engine = bench.engine();
    let web = bench.run("web", 1).await.remove(0).id;
    let none = bench.run("none", 1).await.remove(0).id;
    let checks = engine.own_checks(&web).await.unwrap();
    let own = checks.healthcheck.unwrap();
    assert_eq!((own.interval, own.timeout, own.retries), (SECOND, 2 * SECOND, 2));
    assert!(checks.ports.contains(&8080));
    assert_eq!(engine.own_checks(&none).await.unwrap().healthcheck, None);
    bench.until(&web, |state| state.health == Some(Health::Healthy)).await;
    assert_eq!(engine.probe(&web, &own).await.unwrap(), Answer::Passed);
    let ports = engine.listening(&web).await.unwrap();
    assert!(ports.is_none_or(|ports| ports.contains(&8080)), "or it can't be found out");
    engine.remove(&web, true).await.unwrap();
    assert_eq!(engine.own_checks(&web).await.unwrap(), OwnChecks::default());
    assert_eq!(engine.last_end(&none).await.unwrap(), None);
}

/// Starting, healthy, unhealthy.
pub async fn health_is_reported<F: Fixture>(fixture: &F) {
    // A machine may be slow, and has to see it before its verdict.
    let slowly = CHECK.replace("interval: 1s", "interval: 3s");
    let services = [
        Wanted::new("good").with(CHECK),
        Wanted::new("bad").does(Behaviour::NeverHealthy).with(&slowly),
        Wanted::new("none"),
    ];
    let bench = Bench::new(fixture, &services).await;
    let none = bench.run("none", 1).await.remove(0).id;
    let good = bench.run("good", 1).await.remove(0).id;
    let bad = bench.run("bad", 1).await.remove(0).id;
    assert_eq!(bench.look(&bad).await.state.health, Some(Health::Starting));
    bench.until(&good, |state| state.health == Some(Health::Healthy)).await;
    let state = bench.until(&bad, |state| state.health == Some(Health::Unhealthy)).await;
    assert_eq!(state.status, Status::Running);
    assert!(!state.health_log.is_empty());
    assert_eq!(bench.look(&none).await.state.health, None);
}
