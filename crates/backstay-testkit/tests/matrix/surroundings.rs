//! What a stack needs around its services: `.env` from a template, the certificate, data directories.

use backstay_core::ops::certificate::CertificateChoice;
use backstay_core::ops::deploy::DeployOptions;
use backstay_core::ops::environment::EnvironmentChoice;
use backstay_testkit::fake::harness::{Act, Scenario};
use backstay_testkit::fake::{Behaviour, FakeStack};

use super::stacks::{CHECK, explore_and_repeat, good, options};

/// A stack that can't do without `.env`, with a certificate and folders that it mounts.
fn stack(version: &str, behaviour: Behaviour) -> FakeStack {
    FakeStack::new("/srv/shop")
        .compose(&format!(
            "x-backstay: {{required: [GREETING], certificate: {{path: ./cert/shop.pfx}}}}\n\
             services:\n  web: {{build: ./web, restart: always, env_file: .env, {CHECK}, environment: \
             {{GREETING: \"${{GREETING:?say hello}}\"}}, volumes: [\"./data/web:/data\", \
             \"/var/lib/shop:/lib\", \"./cert:/cert\", \"/proc/1:/p\"]}}\n"
        ))
        .file(".env.linux", &format!("GREETING=hello\nCERT_PASSWORD=secret\nVERSION={version}\n"))
        .context("web", version, behaviour)
}

fn put() -> Act {
    let template = "linux".to_owned();
    let environment = EnvironmentChoice::Put { template };
    let certificate = CertificateChoice::ReplaceEnded;
    Act::Deploy(DeployOptions { environment, certificate, ..options() })
}

/// As deployed by hand, so that the folders that are mounted are there.
fn running() -> Scenario {
    let scenario = Scenario::new("running").edited(&stack("1", Behaviour::Healthy));
    scenario.done(&put())
}

/// A new version whose author has edited `.env` since, and left a certificate that has ended.
fn next(behaviour: Behaviour) -> FakeStack {
    stack("2", behaviour)
        .env("GREETING=edited\nCERT_PASSWORD=secret\n")
        .file("cert/shop.pfx", "ended\n")
        .file("cert/shop.key", "old\n")
}

#[test]
fn a_first_deploy_makes_all_of_it() {
    let scenario = Scenario::new("surroundings").edited(&stack("1", Behaviour::Healthy));
    explore_and_repeat(&scenario.act(put()));
}

#[test]
fn a_first_deploy_that_fails_leaves_none_of_it() {
    let stack = stack("1", Behaviour::ExitAtStart(3));
    let scenario = Scenario::new("no surroundings").edited(&stack).act(put()).fails();
    explore_and_repeat(&scenario);
}

#[test]
fn a_template_and_a_certificate_take_the_place_of_what_was_there() {
    let scenario = running().edited(&next(Behaviour::Healthy));
    explore_and_repeat(&scenario.act(put()));
}

#[test]
fn a_release_that_fails_gets_its_files_back() {
    let scenario = running().edited(&next(Behaviour::NeverHealthy)).act(put()).fails();
    explore_and_repeat(&scenario);
}

#[test]
fn a_stack_that_plain_compose_runs_is_adopted_with_the_env_file_that_it_had() {
    let before = good("1", &["environment: {A: \"$GREETING\"}"]);
    let scenario = Scenario::new("adopted").edited(&before);
    let stack = before.reference();
    let scenario = scenario.changed(|machine| {
        machine.with(|world| world.compose_up(&stack)).unwrap();
    });
    let after =
        good("2", &["environment: {A: \"$GREETING\"}"]).file(".env.linux", "GREETING=bye\n");
    explore_and_repeat(&scenario.edited(&after).act(put()));
}
