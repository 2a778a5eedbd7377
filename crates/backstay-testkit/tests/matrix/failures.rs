//! Deploys that fail: the old release stays, whatever else goes wrong while it is brought back.

use std::time::Duration;

use backstay_core::event::Outcome;
use backstay_core::ops::RunReport;
use backstay_core::ops::deploy::DeployOptions;
use backstay_testkit::fake::harness::{Act, Picture, Scenario};
use backstay_testkit::fake::{Behaviour, Content, Ended, FakeStack, Fault, Kind, Machine, Point};

use super::stacks::{CHECK, deploy, explore_and_repeat, good, options, shop};

fn failing(name: &str, behaviour: Behaviour, web: &[&str]) -> Scenario {
    let scenario = Scenario::new(name).deployed(&good("1", web));
    scenario.edited(&shop("2", behaviour, web)).act(deploy()).fails()
}

#[test]
fn it_does_not_build() {
    explore_and_repeat(&failing("does not build", Behaviour::BuildFails, &[]));
}

#[test]
fn it_exits_at_the_start() {
    explore_and_repeat(&failing("exits", Behaviour::ExitAtStart(3), &[]));
}

#[test]
fn it_cannot_be_started() {
    explore_and_repeat(&failing("can't start", Behaviour::CannotStart, &["ports: [\"8080:80\"]"]));
}

#[test]
fn it_is_never_healthy() {
    explore_and_repeat(&failing(
        "never healthy",
        Behaviour::NeverHealthy,
        &["ports: [\"8080:80\"]"],
    ));
}

/// It passes its rehearsal and dies while it is watched, when it has taken over.
#[test]
fn it_dies_after_the_switch() {
    let crash = Behaviour::CrashAfter(Duration::from_millis(400));
    explore_and_repeat(&failing("dies late", crash, &["deploy: {replicas: 2}"]));
}

#[test]
fn it_dies_after_a_stop_first_switch() {
    let crash = Behaviour::CrashAfter(Duration::from_millis(250));
    let web = ["deploy: {update_config: {order: stop-first}}", "ports: [\"8080:80\"]"];
    let scenario = Scenario::new("dies after stop-first").deployed(&good("1", &web));
    let act = Act::Deploy(DeployOptions { rehearsal: false, ..options() });
    explore_and_repeat(&scenario.edited(&shop("2", crash, &web)).act(act).fails());
}

#[test]
fn the_first_deploy_fails() {
    let stack = shop("1", Behaviour::NeverHealthy, &["volumes: [/scratch]"]);
    explore_and_repeat(&Scenario::new("first fails").edited(&stack).act(deploy()).fails());
}

#[test]
fn the_second_of_two_services_fails() {
    let stack = |version: &str, behaviour| {
        let text = format!(
            "services:\n  a: {{build: ./a, restart: always, {CHECK}}}\n  \
             b: {{build: ./b, restart: always, {CHECK}, depends_on: [a], \
             deploy: {{update_config: {{order: stop-first}}}}}}\n"
        );
        backstay_testkit::fake::FakeStack::new("/srv/shop")
            .compose(&text)
            .context("a", version, Behaviour::Healthy)
            .context("b", version, behaviour)
    };
    let scenario = Scenario::new("the second fails").deployed(&stack("1", Behaviour::Healthy));
    explore_and_repeat(
        &scenario.edited(&stack("2", Behaviour::NeverHealthy)).act(deploy()).fails(),
    );
}

/// The old container can't be started again: the rest is undone, the way out is told, and when the cause is gone `recover`
/// finishes.
#[test]
fn an_undo_that_cannot_succeed_is_stuck_with_a_way_out() {
    let web = ["deploy: {update_config: {order: stop-first}}"];
    let scenario = failing("stuck", Behaviour::ExitAtStart(3), &web);
    let old = scenario.explore().old;
    let machine = scenario.machine();
    let process = machine.process().with_lasting("engine.start shop-web-1", Kind::ErrorBefore);
    let ended = deploy().perform(&process, scenario.reference());
    let Ended::Done(Ok(reports)) = ended else { panic!("{ended:?}") };
    assert_eq!(reports[0].outcome, Outcome::Stuck);
    let ids = machine.with(|world| world.of_service("shop", "web"));
    let way_out = reports[0].way_out.join("\n");
    assert!(way_out.contains(&format!("docker start {}", ids[0])), "{way_out}");
    assert!(way_out.ends_with("backstay recover"), "{way_out}");
    assert_eq!(ids.len(), 1, "the new container is gone");
    machine.with(|world| {
        assert!(world.engine.images.values().all(|image| image.content.version != "2"));
    });

    let ended = Act::Recover.perform(&machine.process(), scenario.reference());
    let Ended::Done(Ok(reports)) = ended else { panic!("{ended:?}") };
    assert_eq!(reports[0].outcome, Outcome::RolledBack);
    machine.pass(Duration::from_secs(60));
    let now = Picture::of(&machine, scenario.reference(), "shop");
    assert_eq!(old.differences(&now, &old.ids()), [""; 0]);
}

/// What `x-backstay.health` asks is part of the gate, with no healthcheck of the container's own.
#[test]
fn its_own_check_fails() {
    let text = "services:\n  web: {build: ./web, restart: always, ports: [\"8080:80\"], \
                x-backstay: {health: {tcp: 80, interval: 100ms, retries: 2, start_period: 200ms}}}\n";
    let version =
        |v: &str, behaviour| FakeStack::new("/srv/shop").compose(text).context("web", v, behaviour);
    let scenario = Scenario::new("own check").deployed(&version("1", Behaviour::Healthy));
    let sick = version("2", Behaviour::NeverHealthy);
    explore_and_repeat(&scenario.clone().edited(&sick).act(deploy()).fails());
    let slow = version("3", Behaviour::SlowHealthy(Duration::from_millis(150)));
    explore_and_repeat(&scenario.clone().edited(&slow).act(deploy()));
    let sick_later = version("4", Behaviour::SickAfter(Duration::from_millis(150)));
    explore_and_repeat(&scenario.edited(&sick_later).act(deploy()).fails());
}

/// What a killed run left comes first, whatever is wrong with the next one.
#[test]
fn an_interrupted_run_is_undone_before_a_stack_that_cannot_be_read_is_refused() {
    let web = ["deploy: {update_config: {order: stop-first}}"];
    let scenario = Scenario::new("broken files").deployed(&good("1", &web));
    let scenario = scenario.edited(&good("2", &web)).act(deploy());
    let explored = scenario.explore();
    let stopped = |point: &Point| point.name.starts_with("engine.stop");
    let at = explored.points.iter().position(stopped).unwrap();
    let machine = scenario.machine();
    let fault = Fault { at, kind: Kind::CrashAfter };
    let _ = deploy().perform(&machine.process().with_fault(fault), scenario.reference());
    let serving = |machine: &Machine| machine.with(|world| world.engine.serving("shop")["web"]);
    assert_eq!(serving(&machine), 0);

    good("3", &web).compose("services: [").write(&machine);
    let ended = deploy().perform(&machine.process(), scenario.reference());
    assert!(matches!(ended, Ended::Done(Err(_))), "{ended:?}");
    machine.pass(Duration::from_secs(60));
    assert_eq!(serving(&machine), 1);
}

/// A deploy of another image was killed when the stack's tag had moved, and the old image is gone. Without its container: as
/// long as one runs, an engine keeps the image.
fn without_the_old_image() -> (Scenario, Machine, String) {
    let scenario = Scenario::new("image gone").deployed(&good("1", &[]));
    let scenario = scenario.changed(|machine| {
        machine.with(|world| {
            let ids = world.of_service("shop", "web");
            world.engine.containers.retain(|id, _| !ids.contains(id));
        });
    });
    let scenario = scenario.edited(&good("2", &[])).act(deploy());
    let explored = scenario.explore();
    let moved =
        |point: &Point| point.name.starts_with("engine.tag") && point.name.contains("shop-web");
    let at = explored.points.iter().position(moved).unwrap();
    let machine = scenario.machine();
    let old = machine.with(|world| world.engine.image_id("shop-web")).unwrap();
    let fault = Fault { at, kind: Kind::CrashAfter };
    let _ = deploy().perform(&machine.process().with_fault(fault), scenario.reference());
    machine.with(|world| {
        assert_ne!(world.engine.image_id("shop-web").as_ref(), Some(&old), "the tag has moved");
        world.engine.images.remove(&old);
    });
    (scenario, machine, old)
}

fn recovered(scenario: &Scenario, machine: &Machine) -> RunReport {
    let ended = Act::Recover.perform(&machine.process(), scenario.reference());
    let Ended::Done(Ok(mut reports)) = ended else { panic!("{ended:?}") };
    reports.remove(0)
}

#[test]
fn an_image_that_is_gone_comes_back_from_the_vault() {
    let (scenario, machine, old) = without_the_old_image();
    assert_eq!(recovered(&scenario, &machine).outcome, Outcome::RolledBack);
    assert_eq!(machine.with(|world| world.engine.image_id("shop-web")), Some(old));
}

#[test]
fn an_image_that_no_backup_has_is_a_stuck_run_until_it_is_back_or_given_up() {
    for gives_up in [false, true] {
        let (scenario, machine, old) = without_the_old_image();
        machine.with(|world| {
            world
                .disk
                .nodes
                .retain(|path, _| !path.starts_with("/state/b7a2e9c4-fake-engine/shop/vault"));
        });
        let report = recovered(&scenario, &machine);
        assert_eq!(report.outcome, Outcome::Stuck);
        let way_out = report.way_out.join("\n");
        let command = format!("docker tag {old} shop-web || docker image rm shop-web");
        assert!(way_out.contains(&command), "{way_out}");
        assert!(way_out.ends_with("backstay recover"), "{way_out}");
        assert_eq!(recovered(&scenario, &machine).outcome, Outcome::Stuck);
        machine.with(|world| {
            if gives_up {
                let new = world.engine.image_id("shop-web").unwrap();
                world.engine.images.remove(&new);
            } else {
                let content = Content {
                    name: "web".to_owned(),
                    version: "1".to_owned(),
                    behaviour: Behaviour::Healthy,
                };
                assert_eq!(world.engine.add_image(content), old);
            }
        });
        assert_eq!(recovered(&scenario, &machine).outcome, Outcome::RolledBack);
        let now = machine.with(|world| world.engine.image_id("shop-web"));
        assert_eq!(now, (!gives_up).then_some(old));
    }
}
