//! The vault: what waits to be stored, what has room, what goes first.

use std::path::Path;
use std::time::Duration;

use backstay_core::error::Obstacle;
use backstay_core::event::Outcome;
use backstay_core::ops::RunReport;
use backstay_core::ops::deploy::DeployOptions;
use backstay_core::release::Retention;
use backstay_core::vault::RESERVE;
use backstay_core::{Error, naming};
use backstay_testkit::fake::harness::{Act, Scenario};
use backstay_testkit::fake::{Behaviour, Ended, FakeStack, Fault, Kind, Machine};

use super::stacks::{deploy, explore, good, options, rollback, shop};

fn act(machine: &Machine, act: &Act, stack: &FakeStack) -> Result<Vec<RunReport>, Error> {
    let Ended::Done(result) = act.perform(&machine.process(), &stack.reference()) else {
        panic!("it was killed");
    };
    result
}

fn outcome(result: Result<Vec<RunReport>, Error>) -> Outcome {
    result.unwrap().last().unwrap().outcome
}

/// The images that a tag keeps until they are stored.
fn waiting(machine: &Machine) -> Vec<String> {
    machine.with(|world| {
        let images = world.engine.images.iter();
        let own = images.flat_map(|(id, image)| image.tags.iter().map(move |tag| (tag, id)));
        own.filter(|(tag, id)| **tag == naming::keep_tag("shop", id))
            .map(|(_, id)| id.clone())
            .collect()
    })
}

/// The images in the vault.
fn stored(machine: &Machine) -> Vec<String> {
    let folder = Path::new("/state/b7a2e9c4-fake-engine/shop/vault/images");
    machine.with(|world| {
        let files = world.disk.nodes.keys().filter(|path| path.parent() == Some(folder));
        let names = files.filter_map(|path| path.file_stem()?.to_str());
        names.map(|name| name.replacen('-', ":", 1)).collect()
    })
}

fn image(machine: &Machine, reference: &str) -> String {
    machine.with(|world| world.engine.image_id(reference)).unwrap()
}

/// Where the first call of this name is, in a deploy of the second version.
fn place(scenario: &Scenario, name: &str) -> usize {
    let process = scenario.machine().process();
    let _ = deploy().perform(&process, scenario.reference());
    let points = process.points();
    points.iter().position(|point| point.name.starts_with(name)).unwrap()
}

#[test]
fn what_can_not_be_stored_waits_under_a_tag_and_is_stored_later() {
    let second = good("2", &[]);
    let scenario = Scenario::new("waits").deployed(&good("1", &[])).edited(&second);
    let commit = place(&scenario, "engine.save_image");
    for later in [Act::Recover, deploy()] {
        let machine = scenario.machine();
        let fault = Fault { at: commit, kind: Kind::ErrorBefore };
        let process = machine.process().with_fault(fault);
        let Ended::Done(ended) = deploy().perform(&process, scenario.reference()) else {
            panic!("it was killed");
        };
        assert_eq!(outcome(ended), Outcome::Deployed);
        let new = image(&machine, "shop-web");
        assert_eq!(waiting(&machine), std::slice::from_ref(&new));
        assert!(!stored(&machine).contains(&new));
        act(&machine, &later, &second).unwrap();
        assert!(waiting(&machine).is_empty(), "{later:?}");
        assert!(stored(&machine).contains(&new), "{later:?}");
    }
}

#[test]
fn what_waits_goes_with_the_last_backup_that_needs_it() {
    let scenario = Scenario::new("goes").deployed(&good("1", &[])).edited(&good("2", &[]));
    let machine = scenario.machine();
    let fault = Fault { at: place(&scenario, "engine.save_image"), kind: Kind::ErrorBefore };
    let process = machine.process().with_fault(fault);
    let _ = deploy().perform(&process, scenario.reference());
    let new = image(&machine, "shop-web");
    assert_eq!(waiting(&machine), std::slice::from_ref(&new));
    // From now on nothing can be stored.
    machine.with(|world| world.disk.capacity = Some(world.disk.used() + RESERVE / 2));
    let retention = Some(Retention { keep_days: None, keep_last: Some(1) });
    for version in ["3", "4"] {
        let stack = good(version, &[]);
        stack.write(&machine);
        machine.pass(Duration::from_secs(5));
        let options = DeployOptions { backup: false, retention, ..options() };
        assert_eq!(outcome(act(&machine, &Act::Deploy(options), &stack)), Outcome::Deployed);
    }
    // No release has it any more.
    assert!(waiting(&machine).is_empty(), "{:?}", waiting(&machine));
}

#[test]
fn a_release_that_fails_leaves_none_of_its_images() {
    let scenario = Scenario::new("fails").deployed(&good("1", &[]));
    let failing = shop("2", Behaviour::NeverHealthy, &[]);
    let scenario = scenario.edited(&failing);
    let machine = scenario.machine();
    let before = stored(&machine);
    assert_eq!(before.len(), 2, "what was deployed is stored: {before:?}");
    assert_eq!(outcome(act(&machine, &deploy(), &failing)), Outcome::RolledBack);
    assert_eq!((stored(&machine), waiting(&machine)), (before, Vec::new()));
}

#[test]
fn without_a_backup_nothing_is_stored() {
    let stack = good("1", &[]);
    let scenario = Scenario::new("no backup").edited(&stack);
    let machine = scenario.machine();
    let act_ = Act::Deploy(DeployOptions { backup: false, ..options() });
    assert_eq!(outcome(act(&machine, &act_, &stack)), Outcome::Deployed);
    assert_eq!((stored(&machine), waiting(&machine)), (Vec::new(), Vec::new()));
}

#[test]
fn a_disk_without_room_for_the_images_is_told_before_anything_is_built() {
    let second = good("2", &[]);
    let scenario = Scenario::new("no room").deployed(&good("1", &[])).edited(&second);
    let machine = scenario.machine();
    machine.with(|world| world.disk.capacity = Some(world.disk.used() + RESERVE + 10));
    let before = machine.snapshot();
    let refused = act(&machine, &deploy(), &second).unwrap_err();
    let Error::NotReady(obstacles) = &refused else { panic!("{refused}") };
    let [Obstacle::VaultFull { free, needed, images, .. }] = &obstacles[..] else {
        panic!("{obstacles:?}");
    };
    assert!(*free < needed + RESERVE && images.len() == 1, "{obstacles:?}");
    assert_eq!(images[0].0, "web", "what is there needs no room");
    let kept = |world: &backstay_testkit::fake::World| {
        let containers = world.engine.containers.keys().cloned().collect::<Vec<_>>();
        (containers, world.engine.images.keys().cloned().collect::<Vec<_>>())
    };
    assert_eq!(kept(&machine.snapshot()), kept(&before));
    // The ways out.
    let without = Act::Deploy(DeployOptions { backup: false, ..options() });
    assert_eq!(outcome(act(&Machine::from_world(before), &without, &second)), Outcome::Deployed);
    machine.with(|world| world.disk.capacity = Some(world.disk.used() + RESERVE + (1 << 20)));
    assert_eq!(outcome(act(&machine, &deploy(), &second)), Outcome::Deployed);
    assert!(waiting(&machine).is_empty());
    // Going back is never refused for that.
    machine.with(|world| world.disk.capacity = Some(world.disk.used() + RESERVE / 2));
    assert_eq!(outcome(act(&machine, &rollback(), &second)), Outcome::Deployed);
}

#[test]
fn the_reserve_is_left_alone_and_nothing_of_a_failed_write_stays() {
    let second = good("2", &[]);
    let scenario = Scenario::new("reserve").deployed(&good("1", &[])).edited(&second);
    let machine = scenario.machine();
    let room = Fault { at: place(&scenario, "engine.save_image"), kind: Kind::ErrorBefore };
    let process = machine.process().with_fault(room);
    let _ = deploy().perform(&process, scenario.reference());
    machine.with(|world| world.disk.capacity = Some(world.disk.used() + RESERVE / 2));
    let blobs = |machine: &Machine| {
        machine.with(|world| {
            let blobs = Path::new("/state/b7a2e9c4-fake-engine/shop/vault/blobs");
            world.disk.nodes.keys().filter(|path| path.starts_with(blobs)).count()
        })
    };
    let before = blobs(&machine);
    act(&machine, &Act::Recover, &second).unwrap();
    assert_eq!(blobs(&machine), before);
    assert_eq!(waiting(&machine).len(), 1);
    machine.with(|world| world.disk.capacity = None);
    act(&machine, &Act::Recover, &second).unwrap();
    assert!(waiting(&machine).is_empty() && blobs(&machine) > before);
}

/// Versions of one service, in a vault that may have this much.
fn limited(version: &str, limit: &str) -> FakeStack {
    let text = format!(
        "x-backstay: {{vault: {{max_size: {limit}}}}}\nservices:\n  web: {{build: ./web, restart: always}}\n"
    );
    FakeStack::new("/srv/shop").compose(&text).context("web", version, Behaviour::Healthy)
}

fn backups(machine: &Machine) -> Vec<String> {
    machine.with(|world| {
        let files = world.disk.nodes.keys().filter(|path| path.ends_with("release.json"));
        let folders = files.filter_map(|path| path.parent()?.file_name()?.to_str());
        folders.filter(|name| *name != "current").map(str::to_owned).collect()
    })
}

#[test]
fn the_oldest_backups_that_nobody_pinned_go_first() {
    let scenario = (1..=4).fold(Scenario::new("limit"), |scenario, version| {
        scenario
            .changed(|machine| machine.pass(Duration::from_secs(5)))
            .deployed(&limited(&version.to_string(), "1g"))
    });
    let machine = scenario.machine();
    let all = backups(&machine);
    assert_eq!(all.len(), 3);
    machine.with(|world| {
        let file =
            Path::new("/state/b7a2e9c4-fake-engine/shop/backups").join(&all[0]).join("pinned");
        let now = world.now;
        world.disk.put(&file, b"\n", 0o600, now).unwrap();
    });
    machine.pass(Duration::from_secs(5));
    let stack = limited("5", "1");
    stack.write(&machine);
    assert_eq!(outcome(act(&machine, &deploy(), &stack)), Outcome::Deployed);
    let left = backups(&machine);
    assert_eq!(left.len(), 2, "the pinned one and the one before: {left:?}");
    assert_eq!(left[0], all[0]);
    assert!(!all.contains(&left[1]));
    assert_eq!(stored(&machine).len(), 3);
}

/// With all faults at all calls: what waits is stored, or goes.
#[test]
fn storing_survives_everything() {
    let scenario = Scenario::new("storing").deployed(&limited("1", "1g"));
    let scenario = scenario.changed(|machine| {
        machine.with(|world| {
            let vault = Path::new("/state/b7a2e9c4-fake-engine/shop/vault");
            world.disk.nodes.retain(|path, _| !path.starts_with(vault));
        });
    });
    explore(&scenario.edited(&limited("2", "1g")).act(deploy()));
}

fn pulled(version: &str) -> FakeStack {
    let text = format!(
        "x-backstay: {{vault: {{pulled: reference}}}}\nservices:\n  web: {{image: \"team/web:{version}\", restart: always}}\n"
    );
    ["1", "2"].into_iter().fold(FakeStack::new("/srv/shop").compose(&text), |stack, version| {
        stack.registry(&format!("team/web:{version}"), version, Behaviour::Healthy)
    })
}

#[test]
fn what_a_registry_has_may_be_kept_by_its_digest_alone() {
    let (one, two) = (pulled("1"), pulled("2"));
    let scenario = Scenario::new("by reference").deployed(&one);
    let first = image(&scenario.machine(), "team/web:1");
    let scenario = scenario.deployed(&two).changed(|machine| {
        machine.with(|world| world.engine.prune_images());
    });
    let machine = scenario.machine();
    assert_eq!((stored(&machine), waiting(&machine)), (Vec::new(), Vec::new()));
    assert!(machine.with(|world| world.engine.image_id(&first)).is_none());
    // The registry is gone too: the run is undone.
    let offline = Machine::from_world(machine.snapshot());
    offline.with(|world| world.engine.registry.clear());
    assert_eq!(outcome(act(&offline, &rollback(), &two)), Outcome::RolledBack);
    assert_eq!(outcome(act(&machine, &rollback(), &two)), Outcome::Deployed);
    let runs: Vec<String> = machine.with(|world| {
        world.engine.containers.values().map(|container| container.image.clone()).collect()
    });
    assert_eq!(runs, [first]);
    explore(&scenario.act(rollback()));
}
