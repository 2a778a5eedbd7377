//! Stacks that are less usual.

use std::time::Duration;

use backstay_testkit::fake::harness::Scenario;
use backstay_testkit::fake::{Behaviour, FakeStack};

use super::stacks::{CHECK, deploy, explore, explore_and_repeat, good, rollback, shop};

fn stack(text: &str) -> FakeStack {
    FakeStack::new("/srv/shop").compose(text)
}

#[test]
fn a_fixed_name_moves_to_another_service() {
    let text = |name: &str| {
        format!("services:\n  {name}: {{build: ./web, container_name: the-web, restart: always}}\n")
    };
    let web = |name: &str| stack(&text(name)).context("web", "1", Behaviour::Healthy);
    let scenario = Scenario::new("a name moves").deployed(&web("web"));
    explore_and_repeat(&scenario.edited(&web("api")).act(deploy()));
}

#[test]
fn two_services_trade_their_ports() {
    let text = |a: u16, b: u16| {
        format!(
            "services:\n  a: {{build: ./a, ports: [\"{a}:80\"], restart: always}}\n  \
             b: {{build: ./b, ports: [\"{b}:80\"], restart: always}}\n"
        )
    };
    let both = |a, b| {
        let stack = stack(&text(a, b)).context("a", "1", Behaviour::Healthy);
        stack.context("b", "1", Behaviour::Healthy)
    };
    let scenario = Scenario::new("ports traded").deployed(&both(8080, 9090));
    explore_and_repeat(&scenario.edited(&both(9090, 8080)).act(deploy()));
}

#[test]
fn the_old_release_was_stopped_by_hand() {
    let scenario = Scenario::new("stopped by hand").deployed(&good("1", &[]));
    let stop = |scenario: Scenario| {
        scenario.changed(|machine| {
            let ids = machine.with(|world| world.of_service("shop", "web"));
            let engine = machine.process().engine();
            for id in ids {
                machine.process().run(backstay_core::ports::Containers::stop(&engine, &id));
            }
        })
    };
    explore_and_repeat(&stop(scenario.clone()).edited(&good("2", &[])).act(deploy()));
    explore_and_repeat(&stop(scenario).act(deploy()));
}

#[test]
fn one_of_the_old_containers_was_removed_by_hand() {
    let replicas = ["deploy: {replicas: 3}"];
    let scenario = Scenario::new("removed by hand").deployed(&good("1", &replicas));
    let scenario = scenario.changed(|machine| {
        machine.with(|world| {
            let id = world.of_service("shop", "web").remove(1);
            world.engine.containers.remove(&id);
        });
    });
    explore_and_repeat(&scenario.clone().act(deploy()));
    explore_and_repeat(&scenario.edited(&good("2", &replicas)).act(deploy()));
}

#[test]
fn the_old_release_dies_again_and_again() {
    let crash = Behaviour::CrashAfter(Duration::from_secs(90));
    let scenario = Scenario::new("crashing").deployed(&shop("1", crash, &[]));
    explore_and_repeat(&scenario.edited(&good("2", &[])).act(deploy()));
}

#[test]
fn it_takes_its_time_to_stop() {
    let slow = |version| shop(version, Behaviour::IgnoresTerm, &["stop_grace_period: 4s"]);
    let scenario = Scenario::new("slow to stop").deployed(&slow("1"));
    explore_and_repeat(&scenario.edited(&slow("2")).act(deploy()));
}

#[test]
fn two_services_share_an_image_and_files() {
    let text = |value: &str| {
        format!(
            "services:\n  web: {{build: ./web, image: \"shared:1\", restart: always, env_file: app.env, \
             configs: [conf], {CHECK}}}\n  worker: {{image: \"shared:1\", restart: always, \
             environment: {{V: {value}}}}}\nconfigs: {{conf: {{file: ./conf.txt}}}}\n"
        )
    };
    let version = |v: &str| {
        let stack = stack(&text(v)).context("web", v, Behaviour::Healthy);
        stack.file("app.env", &format!("A={v}\n")).file("conf.txt", v)
    };
    let scenario = Scenario::new("shared image").deployed(&version("1"));
    explore_and_repeat(&scenario.clone().edited(&version("2")).act(deploy()));
    explore(&scenario.deployed(&version("2")).act(rollback()));
}

#[test]
fn a_failure_that_the_model_allows() {
    let web = ["deploy: {replicas: 2, update_config: {failure_action: continue}}"];
    let sick = Behaviour::NeverHealthy;
    let scenario = Scenario::new("failure allowed").deployed(&good("1", &web));
    explore_and_repeat(&scenario.edited(&shop("2", sick, &web)).act(deploy()));
}

#[test]
fn a_profile_is_switched_off_and_an_external_network_used() {
    let text = "services:\n  web: {build: ./web, restart: always, networks: [outside, default]}\n  \
                debug: {build: ./web, profiles: [debug]}\nnetworks: {outside: {external: true}}\n";
    let version = |v: &str| stack(text).context("web", v, Behaviour::Healthy);
    let scenario = Scenario::new("external network").changed(|machine| {
        let network = backstay_testkit::fake::FakeNetwork { project: None };
        machine.with(|world| world.engine.networks.insert("outside".to_owned(), network));
    });
    let scenario = scenario.deployed(&version("1"));
    explore_and_repeat(&scenario.edited(&version("2")).act(deploy()));
}

#[test]
fn back_to_fewer_services() {
    let one = good("1", &["networks: {default: {aliases: [front]}}"]);
    let two = "services:\n  web: {build: ./web, restart: always, networks: [new]}\n  more: {build: ./web, \
               restart: always, networks: [new], volumes: [\"d:/d\"]}\nnetworks: {new: }\nvolumes: {d: }\n";
    let two = stack(two).context("web", "2", Behaviour::Healthy);
    let scenario = Scenario::new("fewer services").deployed(&one).deployed(&two);
    explore(&scenario.act(rollback()));
}

#[test]
fn a_rollback_that_fails() {
    // The release before is fine until it is to run again: it has lost what it needs.
    let crash = Behaviour::SickAfter(Duration::from_millis(1500));
    let one = shop("1", crash, &["deploy: {update_config: {monitor: 3s}}"]);
    let scenario = Scenario::new("rollback fails").deployed(&one).deployed(&good("2", &[]));
    let act = backstay_core::ops::rollback::RollbackOptions::default();
    let act = backstay_testkit::fake::harness::Act::Rollback(act);
    explore(&scenario.act(act).fails());
}
