//! Who is interrupted, and for how little.

use std::time::Duration;

use backstay_testkit::fake::Behaviour;
use backstay_testkit::fake::harness::Scenario;

use super::stacks::{deploy, good, rollback, shop};

fn interrupted(scenario: &Scenario) -> Vec<String> {
    scenario.explore().interrupted.into_iter().collect()
}

#[test]
fn nobody_by_a_release_that_fails() {
    let port: &[&str] = &["ports: [\"8080:80\"]"];
    for web in [&[], port] {
        for behaviour in [
            Behaviour::BuildFails,
            Behaviour::CannotStart,
            Behaviour::ExitAtStart(3),
            Behaviour::NeverHealthy,
            Behaviour::CrashAfter(Duration::from_millis(150)),
            Behaviour::SickAfter(Duration::from_millis(150)),
        ] {
            let scenario = Scenario::new(&behaviour.to_string()).deployed(&good("1", web));
            let scenario = scenario.edited(&shop("2", behaviour, web)).act(deploy()).fails();
            assert_eq!(interrupted(&scenario), [""; 0], "{behaviour}");
        }
    }
}

#[test]
fn nobody_by_a_release_that_starts_beside_the_old_one() {
    let scenario = Scenario::new("beside").deployed(&good("1", &[]));
    assert_eq!(interrupted(&scenario.edited(&good("2", &[])).act(deploy())), [""; 0]);
    let replicas = ["deploy: {replicas: 3}"];
    let scenario = Scenario::new("replicas").deployed(&good("1", &replicas));
    assert_eq!(interrupted(&scenario.edited(&good("2", &replicas)).act(deploy())), [""; 0]);
}

#[test]
fn nobody_by_a_rollback_beside() {
    let scenario = Scenario::new("back").deployed(&good("1", &[])).deployed(&good("2", &[]));
    assert_eq!(interrupted(&scenario.act(rollback())), [""; 0]);
}

#[test]
fn only_the_one_whose_host_port_changes_hands() {
    let port = ["ports: [\"8080:80\"]"];
    let scenario = Scenario::new("port").deployed(&good("1", &port));
    assert_eq!(interrupted(&scenario.edited(&good("2", &port)).act(deploy())), ["web"]);
}
