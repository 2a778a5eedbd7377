//! Somebody else does something in the middle of a run.

use backstay_core::ports::HostPort;
use backstay_testkit::fake::World;
use backstay_testkit::fake::harness::{Findings, Scenario};

use super::stacks::{deploy, good};

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
    scenario.meddle_everywhere(take, give_back, &mut findings);
    findings.assert_none();
}

#[test]
fn the_engine_is_restarted() {
    for web in [&[][..], &["ports: [\"8080:80\"]"], &["deploy: {replicas: 2}"]] {
        let scenario = Scenario::new("engine restarted").deployed(&good("1", web));
        let scenario = scenario.edited(&good("2", web)).act(deploy());
        let mut findings = Findings::default();
        scenario.meddle_everywhere(World::restart_engine, |_| {}, &mut findings);
        findings.assert_none();
    }
}

#[test]
fn all_images_are_pruned() {
    let scenario = Scenario::new("images pruned").deployed(&good("1", &[]));
    let scenario = scenario.edited(&good("2", &[])).act(deploy());
    let mut findings = Findings::default();
    let prune = |world: &mut World| world.engine.prune_images();
    scenario.meddle_everywhere(prune, |_| {}, &mut findings);
    findings.assert_none();
}
