//! Updates that are taken back: exactly their services.

use backstay_core::ops::deploy::DeployOptions;
use backstay_core::ops::rollback::RollbackOptions;
use backstay_testkit::fake::harness::{Act, Scenario};

use super::stacks::{explore, good, options};

fn update(service: &str) -> Act {
    Act::Deploy(DeployOptions { services: Some([service.to_owned()].into()), ..options() })
}

fn take_back() -> Act {
    let monitor = options().monitor;
    Act::Rollback(RollbackOptions { updates: true, monitor, ..RollbackOptions::default() })
}

#[test]
fn an_image_is_taken_back() {
    let scenario = Scenario::new("an update is taken back").deployed(&good("1", &[]));
    let scenario = scenario.edited(&good("2", &[])).done(&update("web"));
    explore(&scenario.act(take_back()));
}

#[test]
fn a_definition_is_taken_back_and_the_files_stay() {
    let scenario = Scenario::new("a definition is taken back").deployed(&good("1", &[]));
    let other = good("2", &["environment: {A: b}"]).env("GREETING=good day\n");
    let scenario = scenario.edited(&other).done(&update("web"));
    explore(&scenario.act(take_back()));
}

#[test]
fn the_others_stay_as_they_were_deployed_since() {
    let scenario = Scenario::new("an earlier update is taken back").deployed(&good("1", &[]));
    let scenario = scenario.edited(&good("2", &[])).done(&update("web"));
    let scenario = scenario.deployed(&good("3", &["labels: {since: then}"]));
    explore(&scenario.act(take_back()));
}
