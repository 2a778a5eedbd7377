//! Somebody else does something in the middle of a run.

use backstay_core::engine::HostPort;
use backstay_core::event::Outcome;
use backstay_testkit::fake::harness::{Findings, Scenario};
use backstay_testkit::fake::{Ended, World};

use super::stacks::{deploy, good, one_in};

fn port() -> HostPort {
    HostPort { address: String::new(), port: 8080, protocol: "tcp".to_owned() }
}

/// Takes the host port while nobody has it.
fn take(world: &mut World) {
    let mut holders = world.engine.containers.values();
    if !holders.any(|container| container.life.bound.contains(&port())) {
        world.engine.taken.insert(port());
    }
}

fn give_back(world: &mut World) {
    world.engine.taken.clear();
}

#[test]
fn the_host_port_is_snatched_between_the_old_and_the_new() {
    let web = ["ports: [\"8080:80\"]"];
    let scenario = Scenario::new("port snatched").deployed(&good("1", &web));
    let scenario = scenario.edited(&good("2", &web)).act(deploy());
    let mut findings = Findings::default();
    scenario.meddle_everywhere(one_in(3), take, give_back, &mut findings);
    findings.assert_none();
}

#[test]
fn the_engine_is_restarted() {
    for web in [&[][..], &["ports: [\"8080:80\"]"], &["deploy: {replicas: 2}"]] {
        let scenario = Scenario::new("engine restarted").deployed(&good("1", web));
        let scenario = scenario.edited(&good("2", web)).act(deploy());
        let mut findings = Findings::default();
        scenario.meddle_everywhere(one_in(3), World::restart_engine, |_| {}, &mut findings);
        findings.assert_none();
    }
}

#[test]
fn all_images_are_pruned() {
    let scenario = Scenario::new("images pruned").deployed(&good("1", &[]));
    let scenario = scenario.edited(&good("2", &[])).act(deploy());
    let mut findings = Findings::default();
    let prune = |world: &mut World| world.engine.prune_images();
    scenario.meddle_everywhere(one_in(3), prune, |_| {}, &mut findings);
    findings.assert_none();
}

/// Whatever is done to the new release between the switch and the commit, no success is claimed.
#[test]
fn what_is_done_to_the_new_release_before_the_commit_is_noticed() {
    let scenario = Scenario::new("undone by hand").deployed(&good("1", &[]));
    let old = scenario.machine().with(|world| world.engine.image_id("shop-web")).unwrap();
    let scenario = scenario.edited(&good("2", &[])).act(deploy());
    let new = |world: &World| {
        let mut all = world.engine.containers.values();
        all.find(|container| container.name == "shop-web-1").unwrap().id.clone()
    };
    let events: Vec<(&str, Meddling)> = vec![
        ("a tag", Box::new(move |world| world.engine.tag(&old, "shop-web").unwrap())),
        ("removed", Box::new(move |world| drop(world.engine.containers.remove(&new(world))))),
        ("down", Box::new(|world| world.compose_down("shop"))),
        (
            "one more",
            Box::new(move |world| {
                let mut twin = world.engine.containers[&new(world)].clone();
                (twin.id, twin.name) = ("twin".to_owned(), "shop-web-2".to_owned());
                world.engine.containers.insert(twin.id.clone(), twin);
            }),
        ),
        (
            "another image",
            Box::new(move |world| {
                let cache = world.of_service("shop", "cache").remove(0);
                let image = world.engine.containers[&cache].image.clone();
                let id = new(world);
                world.engine.containers.get_mut(&id).unwrap().image = image;
            }),
        ),
    ];
    for (what, event) in events {
        assert_ne!(after_the_switch(&scenario, event), Outcome::Deployed, "{what}");
    }
}

#[test]
fn a_lost_dns_name_is_noticed() {
    let scenario = Scenario::new("nameless").deployed(&good("1", &[]));
    let scenario = scenario.edited(&good("2", &[])).act(deploy());
    let outcome = after_the_switch(&scenario, |world| {
        let mut all = world.engine.containers.values_mut();
        let new = all.find(|container| container.name == "shop-web-1").unwrap();
        new.networks.values_mut().for_each(Vec::clear);
    });
    assert_ne!(outcome, Outcome::Deployed);
}

type Meddling = Box<dyn FnOnce(&mut World) + Send>;

/// How the operation ends when this happens right after the old container was stopped.
fn after_the_switch(
    scenario: &Scenario,
    event: impl FnOnce(&mut World) + Send + 'static,
) -> Outcome {
    let points = scenario.explore().points;
    let at = points.iter().position(|point| point.name.starts_with("engine.stop")).unwrap();
    let process = scenario.machine().process().with_event(at, event);
    let ended = deploy().perform(&process, scenario.reference());
    let Ended::Done(Ok(reports)) = ended else { panic!("{ended:?}") };
    reports[0].outcome
}
