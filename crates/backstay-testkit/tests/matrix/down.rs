//! An engine that dies with the run, and then starts nothing again: what ran has to run when the run is recovered.

use std::sync::Arc;
use std::time::Duration;

use backstay_core::event::{Cause, Event, Note, Outcome};
use backstay_core::ops::deploy::DeployOptions;
use backstay_testkit::fake::harness::{Act, Findings, Scenario};
use backstay_testkit::fake::{Behaviour, Ended, FakeStack, Fault, Kind, Machine, Process};

use super::gates::Ear;
use super::gateway::{PORT as LONG, behind, disable, enable, with_file};
use super::stacks::{CHECK, deploy, good, one_in, options, rollback, shop};

fn everywhere(scenario: &Scenario) {
    let mut findings = Findings::default();
    let cases = scenario.kill_with_the_engine(one_in(4), &mut findings);
    assert!(cases > 5, "{}: {cases} cases", scenario.name());
    let cases = scenario.kill_the_engine(one_in(4), &mut findings);
    assert!(cases > 1, "{}: {cases} cases", scenario.name());
    findings.assert_none();
}

const PORT: [&str; 1] = ["ports: [\"8080:80\"]"];

#[test]
fn in_a_deploy() {
    let scenario = Scenario::new("down in a deploy").deployed(&good("1", &PORT));
    everywhere(&scenario.edited(&good("2", &PORT)).act(deploy()));
    let twice = ["deploy: {replicas: 2}"];
    let scenario = Scenario::new("down beside").deployed(&good("1", &twice));
    everywhere(&scenario.edited(&good("2", &twice)).act(deploy()));
}

/// One service, with a host port and a healthcheck.
fn web(version: &str, behaviour: Behaviour) -> FakeStack {
    let text = format!(
        "services:\n  web: {{build: ./web, restart: unless-stopped, ports: [\"8080:80\"], {CHECK}}}\n"
    );
    FakeStack::new("/srv/shop").compose(&text).context("web", version, behaviour)
}

/// A recovery has not ended before what it has started serves.
#[test]
fn with_services_that_take_their_time() {
    let slow = |version: &str| web(version, Behaviour::SlowHealthy(Duration::from_secs(4)));
    let scenario = Scenario::new("down while slow").deployed(&slow("1"));
    everywhere(&scenario.edited(&slow("2")).act(deploy()));
}

/// It was never healthy. It runs again, which is all that there is to bring back, and nobody is told that it serves.
#[test]
fn with_a_service_that_does_not_serve() {
    let sick = web("1", Behaviour::NeverHealthy);
    let scenario = Scenario::new("down and sick").edited(&sick).changed(|machine| {
        machine.with(|world| world.compose_up(&sick.reference())).unwrap();
    });
    let scenario = scenario.edited(&web("2", Behaviour::Healthy)).act(deploy());
    let points = scenario.explore().points;
    let at = points.iter().position(|point| point.name.starts_with("engine.stop")).unwrap();
    let machine = scenario.machine();
    let process = machine.process().with_fault(Fault { at, kind: Kind::CrashAfter });
    assert!(matches!(deploy().perform(&process, scenario.reference()), Ended::Crashed));
    let recover = |process: &dyn Fn(Process) -> Process| {
        let machine = Machine::from_world(machine.snapshot());
        let (process, ear) = (process(machine.process()), Arc::new(Ear::default()));
        let ended = Act::Recover.perform_before(&process, scenario.reference(), ear.clone());
        let Ended::Done(Ok(reports)) = ended else { panic!("{ended:?}") };
        assert_eq!(reports[0].outcome, Outcome::RolledBack);
        let heard = ear.0.lock().unwrap().clone();
        let told: Vec<_> = heard.into_iter().filter_map(not_serving).collect();
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0].0, "web");
        (told[0].1.clone(), process.points(), machine.with(|world| world.now))
    };
    let (cause, points, waited) = recover(&Process::counting_reads);
    assert!(matches!(cause, Cause::Unhealthy { .. }), "{cause:?}");
    // A person who does not want to wait, while the service is asked.
    let at = points.iter().rposition(|point| point.name.contains("probe")).unwrap();
    let at = points[..at].iter().position(|point| point.name.contains("probe")).unwrap();
    let stop = Fault { at, kind: Kind::Interrupt };
    let (cause, _, stopped) = recover(&|process| process.counting_reads().with_fault(stop));
    assert_eq!(cause, Cause::Interrupted);
    assert!(stopped < waited, "{stopped:?} of {waited:?}");
}

fn not_serving(event: Event) -> Option<(String, Cause)> {
    match event {
        Event::Note { note: Note::NotServing { service, failure } } => {
            Some((service, failure.cause))
        }
        _ => None,
    }
}

#[test]
fn in_a_deploy_that_fails() {
    let scenario = Scenario::new("down in a failing deploy").deployed(&good("1", &PORT));
    let failing = shop("2", Behaviour::ExitAtStart(3), &PORT);
    everywhere(&scenario.edited(&failing).act(deploy()).fails());
}

/// Nothing has to be known of what ran before; but behind the commit all of it runs.
#[test]
fn behind_the_commit_of_a_first_deploy() {
    let scenario = Scenario::new("down in a first deploy").edited(&good("1", &PORT)).act(deploy());
    let mut findings = Findings::default();
    let cases = scenario.kill_with_the_engine(1, &mut findings);
    assert!(cases > 2, "{cases} cases");
    findings.assert_none();
}

#[test]
fn in_an_update() {
    let scenario = Scenario::new("down in an update").deployed(&good("1", &[]));
    let update = DeployOptions { services: Some(["web".to_owned()].into()), ..options() };
    everywhere(&scenario.edited(&good("2", &[])).act(Act::Deploy(update)));
}

#[test]
fn in_a_rollback() {
    let scenario = Scenario::new("down in a rollback").deployed(&good("1", &PORT));
    everywhere(&scenario.deployed(&good("2", &PORT)).act(rollback()));
}

#[test]
fn behind_the_gateway() {
    let scenario = behind("down behind the gateway", &[]);
    everywhere(&scenario.clone().edited(&with_file(good("2", &[LONG]))).act(deploy()));
    let failing = with_file(shop("2", Behaviour::NeverHealthy, &[LONG]));
    everywhere(&scenario.edited(&failing).act(deploy()).fails());
    let comes = Scenario::new("down while the gateway comes").deployed(&good("1", &[LONG]));
    everywhere(&comes.act(enable()));
    everywhere(&behind("down while the gateway goes", &[]).act(disable()));
}

/// Nothing says that the engine should start it; its port says that it is to be there. The one that only does some work
/// has done it, and does not do it twice.
#[test]
fn with_services_that_have_no_restart_policy() {
    let version = |version: &str| {
        let text = format!(
            "services:\n  web: {{build: ./web, ports: [\"8080:80\"], {CHECK}, depends_on: \
             {{job: {{condition: service_completed_successfully}}}}}}\n  job: {{build: ./job}}\n"
        );
        FakeStack::new("/srv/shop")
            .compose(&text)
            .context("web", version, Behaviour::Healthy)
            .context("job", version, Behaviour::Completes(0))
    };
    let scenario = Scenario::new("down without a policy").deployed(&version("1"));
    everywhere(&scenario.edited(&version("2")).act(deploy()));
}
