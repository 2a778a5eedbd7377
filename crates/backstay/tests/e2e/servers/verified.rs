//! `data verify`: data is brought back beside the stack, which does not notice, and all of it is taken away again.

use std::io::Read;
use std::time::{Duration, Instant};

use super::image::Server;
use super::shop::Shop;
use crate::crash::signal;

/// How long a container of a test may take to be there.
const PATIENCE: Duration = Duration::from_secs(90);
const LOOK: Duration = Duration::from_millis(30);

/// All that there is of a test: containers, volumes, networks.
fn beside(shop: &Shop) -> Vec<String> {
    let label =
        format!("label=com.docker.compose.project={}-backstay-restore-test", shop.stack.project);
    let mut found = shop.stack.lines(&["ps", "-aq", "--filter", &label]);
    found.extend(shop.stack.lines(&["volume", "ls", "-q", "--filter", &label]));
    found.extend(shop.stack.lines(&["network", "ls", "-q", "--filter", &label]));
    found
}

/// Waits for a container of a test that runs, and tells its networks.
#[track_caller]
fn networks_of_one(shop: &Shop) -> String {
    let label =
        format!("label=com.docker.compose.project={}-backstay-restore-test", shop.stack.project);
    let until = Instant::now() + PATIENCE;
    loop {
        let format = "{{.Networks}} {{.Ports}}";
        let found = shop.stack.lines(&["ps", "--filter", &label, "--format", format]);
        if let Some(line) = found.first() {
            return line.clone();
        }
        assert!(Instant::now() < until, "no container of a test");
        std::thread::sleep(LOOK);
    }
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn data_of_postgresql_is_tested_without_the_stack_noticing() {
    let Some(shop) = Shop::new("srv-verify", Server::Postgres, "{dump: postgres}", "") else {
        return;
    };
    shop.deploy().ends(0);
    let account = shop.answers("1").writes(3);
    shop.stack.backstay(&["data", "verify"]).ends(7).says("no data is kept");
    shop.stack.backstay(&["data", "save"]).ends(0);
    let before = shop.stack.picture();

    let mut test = shop.spawnable(&["data", "verify"]).spawn().unwrap();
    let networks = networks_of_one(&shop);
    let (name, own) = (format!("{}_default", shop.stack.project), "backstay-restore-test_default");
    assert!(networks.contains(own), "{networks}");
    assert!(!networks.split([',', ' ']).any(|network| network == name), "{networks}");
    assert!(!networks.contains("->"), "a port of the host: {networks}");
    // To Compose it is none of the stack's.
    assert_eq!(shop.stack.compose(&["ps", "-aq", "--no-trunc"]).lines().count(), 2);
    assert!(test.wait().unwrap().success());
    let mut said = String::new();
    test.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.contains("can be restored"), "{said}");
    assert_eq!(beside(&shop), [] as [String; 0]);

    // Killed in the middle: the next one clears it away.
    let mut test = shop.spawnable(&["data", "verify"]).spawn().unwrap();
    networks_of_one(&shop);
    signal("-9", &format!("-{}", test.id()));
    test.wait().unwrap();
    assert_ne!(beside(&shop), [] as [String; 0]);
    shop.stack.backstay(&["data", "verify"]).ends(0);
    assert_eq!(beside(&shop), [] as [String; 0]);

    let after = shop.stack.picture();
    assert_eq!((after.containers, after.tags), (before.containers, before.tags));
    shop.answers("1").has(&account, true);
    assert_eq!(shop.stack.leftovers(), Vec::<String>::new());
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn data_that_does_not_come_back_is_told() {
    let data = "{dump: {command: [sh, -c, 'echo rows'], restore: [sh, -c, 'cat >/dev/null; echo no such table >&2; exit 3']}}";
    let Some(shop) = Shop::new("srv-unverified", Server::Valkey, data, "") else { return };
    shop.deploy().ends(0);
    shop.stack.backstay(&["data", "save"]).ends(0);
    shop.stack.backstay(&["data", "verify"]).ends(7).says("could not be restored").says("3");
    assert_eq!(beside(&shop), [] as [String; 0]);
    // One that takes too long.
    shop.says("{dump: {command: [sh, -c, 'echo rows'], restore: [sleep, '600']}, timeout: 2s}", "");
    shop.stack.backstay(&["data", "save"]).ends(0);
    shop.stack.backstay(&["data", "verify"]).ends(7).says("after 2 s");
    assert_eq!(beside(&shop), [] as [String; 0]);
    shop.answers("1");
}
