//! Rollbacks.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use backstay_core::event::{Event, Note, Outcome};
use backstay_testkit::fake::harness::Scenario;

use super::gates::Ear;
use super::stacks::{deploy, explore, good, rollback};

#[test]
fn to_the_release_before() {
    let scenario = Scenario::new("rollback").deployed(&good("1", &[])).deployed(&good("2", &[]));
    explore(&scenario.act(rollback()));
}

#[test]
fn with_other_files() {
    let (one, two) = (good("1", &[]), good("2", &["environment: {A: b}"]));
    let two = two.env("GREETING=good day\n").file("extra.yml", "x: 1\n");
    let scenario = Scenario::new("rollback of files").deployed(&one).deployed(&two);
    explore(&scenario.act(rollback()));
}

#[test]
fn over_edits_that_were_never_deployed() {
    let (one, two) = (good("1", &[]), good("2", &["environment: {A: b}"]));
    let scenario = Scenario::new("rollback over edits").deployed(&one).deployed(&two);
    let edited = good("3", &["environment: {A: c}"]).env("GREETING=go away\n");
    explore(&scenario.edited(&edited).act(rollback()));
}

#[test]
fn after_a_prune() {
    let scenario =
        Scenario::new("rollback after a prune").deployed(&good("1", &[])).deployed(&good("2", &[]));
    let scenario = scenario.changed(|machine| machine.with(|world| world.engine.prune_images()));
    explore(&scenario.act(rollback()));
}

#[test]
fn with_a_host_port_and_replicas() {
    let port = ["ports: [\"8080-8089:80\"]", "deploy: {replicas: 2}"];
    let other = ["ports: [\"8080:80\"]"];
    let scenario = Scenario::new("rollback of ports");
    let scenario = scenario.deployed(&good("1", &port)).deployed(&good("2", &other));
    explore(&scenario.act(rollback()));
}

#[test]
fn twice_goes_further_back() {
    let scenario = Scenario::new("second rollback").deployed(&good("1", &[]));
    let scenario = scenario.deployed(&good("2", &[])).deployed(&good("3", &[])).done(&rollback());
    explore(&scenario.act(rollback()));
}

#[test]
fn a_service_that_was_brought_up_by_hand_goes() {
    let scenario = Scenario::new("rollback of a service by hand");
    let scenario = scenario.deployed(&good("1", &[])).deployed(&good("2", &[]));
    let more = good("3", &[]).compose(
        "services: {web: {build: ./web}, cache: {image: \"redis:7\"}, more: {build: ./web}}\n",
    );
    let stack = more.reference();
    let scenario = scenario.edited(&more).changed(|machine| {
        machine.with(|world| world.compose_up(&stack)).unwrap();
        assert_eq!(machine.with(|world| world.of_service("shop", "more")).len(), 1);
    });
    let scenario = scenario.act(rollback());
    explore(&scenario);
    let machine = scenario.done(&rollback()).machine();
    assert_eq!(machine.with(|world| world.of_service("shop", "more")), [""; 0]);
}

#[test]
fn to_a_stack_that_plain_compose_ran() {
    let before = good("1", &[]);
    let stack = before.reference();
    let scenario = Scenario::new("rollback to an adopted stack").edited(&before);
    let scenario = scenario.changed(|machine| {
        machine.with(|world| world.compose_up(&stack)).unwrap();
    });
    let scenario = scenario.edited(&good("2", &["environment: {A: b}"])).done(&deploy());
    explore(&scenario.act(rollback()));
}

#[test]
fn a_backup_that_can_not_be_read_is_passed_over_with_a_word() {
    let scenario = Scenario::new("rollback past a damaged backup").deployed(&good("1", &[]));
    let scenario = scenario.deployed(&good("2", &[])).deployed(&good("3", &[]));
    let (machine, ear) = (scenario.machine(), Arc::new(Ear::default()));
    let mut manifests = machine.with(|world| {
        let places = world.disk.nodes.keys().filter(|path| path.ends_with("release.json"));
        let backups = places.filter(|path| stamp(path).is_some());
        backups.cloned().collect::<Vec<_>>()
    });
    manifests.sort();
    let [taken, passed] = &manifests[..] else { panic!("{manifests:?}") };
    machine.with(|world| world.disk.put(passed, b"{", 0o600, Duration::ZERO)).unwrap();
    let ended = rollback().perform_before(&machine.process(), scenario.reference(), ear.clone());
    let reports = ended.done().unwrap().unwrap();
    assert_eq!(reports[0].outcome, Outcome::Deployed);
    let told = Event::Note {
        note: Note::PassedOver {
            folder: stamp(passed).unwrap().to_owned(),
            taken: stamp(taken).unwrap().to_owned(),
        },
    };
    let heard = ear.0.lock().unwrap();
    assert_eq!(heard.iter().filter(|event| **event == told).count(), 1, "{heard:?}");
}

/// The folder of a backup's file, where it is a backup's.
fn stamp(path: &Path) -> Option<&str> {
    let folder = path.parent()?.file_name()?.to_str()?;
    folder.starts_with(|first: char| first.is_ascii_digit()).then_some(folder)
}
