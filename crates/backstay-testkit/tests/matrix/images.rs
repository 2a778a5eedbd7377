//! Images: what decides is their content; where they come from; what they are created from.

use backstay_core::ops::deploy::DeployOptions;
use backstay_testkit::fake::harness::{Act, Scenario};
use backstay_testkit::fake::{Behaviour, Ended, FakeStack, Machine};

use super::stacks::{deploy, explore, good, options, rollback};

/// Carries it out, well.
fn act(machine: &Machine, act: &Act, stack: &FakeStack) {
    let Ended::Done(result) = act.perform(&machine.process(), &stack.reference()) else {
        panic!("it was killed");
    };
    let said = format!("{result:?}");
    assert!(said.contains("Deployed"), "{said}");
}

/// Id and image of the only container of a service.
fn container(machine: &Machine, service: &str) -> (String, String) {
    machine.with(|world| {
        let mut own = world.engine.containers.values().filter(|c| c.service == service);
        let found = own.next().unwrap();
        assert!(own.next().is_none(), "more than one {service}");
        (found.id.clone(), found.image.clone())
    })
}

/// The version of the image that a service runs.
fn version(machine: &Machine, service: &str) -> String {
    let (_, image) = container(machine, service);
    machine.with(|world| world.engine.images[&image].content.version.clone())
}

fn attested(name: &str) -> Scenario {
    Scenario::new(name).changed(|machine| machine.with(|world| world.engine.attests = true))
}

#[test]
fn another_id_of_the_same_content_replaces_nothing() {
    let stack = good("1", &[]);
    let machine = attested("the same again").deployed(&stack).machine();
    let before = container(&machine, "web");
    act(&machine, &deploy(), &stack);
    assert_eq!(container(&machine, "web"), before);
    let tag = machine.with(|world| world.engine.image_id("shop-web"));
    assert_eq!(tag, Some(before.1), "what Compose would look at is what runs");
    let backups = machine.with(|world| {
        let folders = world.disk.nodes.keys().filter(|path| path.ends_with("release.json"));
        folders.count()
    });
    assert_eq!(backups, 1, "the same release, and no backup of it");
}

#[test]
fn containers_that_compose_made_anew_of_the_same_content_are_the_same_release() {
    let stack = good("1", &[]);
    let machine = attested("recreated").deployed(&stack).machine();
    let first = container(&machine, "web");
    machine.with(|world| {
        world
            .engine
            .images
            .values_mut()
            .for_each(|image| image.tags.retain(|t| !t.contains("web")));
        world.compose_up(&stack.reference()).unwrap();
    });
    let second = container(&machine, "web");
    assert_ne!(second.1, first.1);
    act(&machine, &deploy(), &stack);
    let record = machine.with(|world| {
        world.disk.text("/state/b7a2e9c4-fake-engine/shop/current/release.json".as_ref())
    });
    assert!(record.unwrap().contains("\"id\": \"r1\""));
}

#[test]
fn an_image_that_has_another_id_after_it_was_loaded_comes_back() {
    let (one, two) = (good("1", &[]), good("2", &[]));
    let scenario = attested("another id after loading").deployed(&one).deployed(&two);
    let pruned = scenario.changed(|machine| machine.with(|world| world.engine.prune_images()));
    let machine = pruned.machine();
    act(&machine, &rollback(), &two);
    assert_eq!(version(&machine, "web"), "1");
    explore(&pruned.act(rollback()));
}

#[test]
fn every_build_has_an_id_of_its_own() {
    let scenario = attested("attested").deployed(&good("1", &[]));
    explore(&scenario.edited(&good("2", &[])).act(deploy()));
}

/// `app` begins from the image that `base` builds.
fn based(version: &str) -> FakeStack {
    let dockerfile = "# behaviour: healthy\n# version: 1\nFROM shop-base:1\n";
    FakeStack::new("/srv/shop")
        .compose(
            "services:\n  app: {build: ./app, restart: always}\n  \
             base: {build: ./base, image: \"shop-base:1\", restart: always}\n",
        )
        .context("base", version, Behaviour::Healthy)
        .file("app/Dockerfile", dockerfile)
}

#[test]
fn a_new_base_of_the_stack_arrives_in_the_same_deploy() {
    let scenario = Scenario::new("a base").deployed(&based("1"));
    let machine = scenario.clone().edited(&based("2")).machine();
    assert_eq!(version(&machine, "app"), "1 on 1");
    act(&machine, &deploy(), &based("2"));
    assert_eq!(version(&machine, "app"), "1 on 2");
    explore(&scenario.edited(&based("2")).act(deploy()));
}

/// Built elsewhere: there are no sources here.
fn pulled(version: &str, policy: &str) -> FakeStack {
    FakeStack::new("/srv/shop")
        .compose(&format!(
            "services:\n  web: {{image: \"team/web:1\", build: ./nowhere, restart: always{policy}}}\n"
        ))
        .registry("team/web:1", version, Behaviour::Healthy)
}

#[test]
fn what_is_built_elsewhere_is_pulled_as_compose_would() {
    let without = |pull| Act::Deploy(DeployOptions { build: false, pull, ..options() });
    let stack = pulled("1", "");
    let scenario = Scenario::new("pulled").edited(&stack);
    let machine = scenario.machine();
    act(&machine, &without(false), &stack);
    assert_eq!(version(&machine, "web"), "1", "it was missing");
    let deployed = scenario.done(&without(false)).edited(&pulled("2", ""));
    for (policy, asked, wanted) in [
        ("", false, "1"),
        ("", true, "2"),
        (", pull_policy: always", false, "2"),
        (", pull_policy: daily", false, "2"),
        (", pull_policy: never", true, "1"),
        (", pull_policy: build", true, "1"),
    ] {
        let stack = pulled("2", policy);
        let machine = deployed.clone().edited(&stack).machine();
        act(&machine, &without(asked), &stack);
        assert_eq!(version(&machine, "web"), wanted, "`{policy}`, --pull {asked}");
    }
    explore(&deployed.act(without(true)));
}

#[test]
fn a_pinned_image_comes_back_from_the_vault_and_stays() {
    let digest = format!("@sha256:{}", "1".repeat(64));
    let stack = |version: &str, digest: &str, more: &str| {
        let image = format!("team/web:{version}{digest}");
        FakeStack::new("/srv/shop")
            .compose(&format!("services:\n  web: {{image: \"{image}\", restart: always{more}}}\n"))
            .registry(&image, version, Behaviour::Healthy)
    };
    let (one, two) = (stack("1", &digest, ""), stack("2", &digest, ""));
    let scenario = Scenario::new("pinned").deployed(&one).deployed(&two);
    let offline = scenario.changed(|machine| {
        machine.with(|world| {
            world.engine.prune_images();
            world.engine.registry.clear();
        });
    });
    let machine = offline.machine();
    act(&machine, &rollback(), &two);
    assert_eq!(version(&machine, "web"), "1");
    let before = container(&machine, "web");
    act(&machine, &deploy(), &one);
    assert_eq!(container(&machine, "web"), before, "nothing is pulled for what is known to run");
    let changed = stack("1", &digest, ", environment: {A: b}");
    changed.write(&machine);
    machine.with(|world| world.engine.registry.clear());
    act(&machine, &deploy(), &changed);
    assert_eq!(version(&machine, "web"), "1");
    explore(&offline.act(rollback()));
}
