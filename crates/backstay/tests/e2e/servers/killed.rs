//! `kill -9` while data is saved, migrated and brought back.

use std::io::{BufRead, BufReader};

use super::client::Client;
use super::image::Server;
use super::migrations::guarded;
use super::shop::Shop;
use crate::crash::signal;
use crate::harness::is_thorough;

/// What stands in a record of the journal, as `--json` tells it.
const RECORDS: [&str; 7] = [
    "\"step-started\"",
    "\"step-finished\"",
    "\"step-failed\"",
    "\"unwind-started\"",
    "\"undo-finished\"",
    "\"committed\"",
    "\"planned\"",
];

/// Kills a command when `number` records of the journal have been told. Whether there were so many.
pub(super) fn killed(shop: &Shop, arguments: &[&str], number: usize) -> bool {
    let words: Vec<&str> = ["--json"].into_iter().chain(arguments.iter().copied()).collect();
    let mut child = shop.spawnable(&words).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let is_record = |line: &String| RECORDS.iter().any(|mark| line.contains(mark));
    let found = lines.by_ref().map_while(|line| line.ok()).filter(is_record).nth(number).is_some();
    if found {
        signal("-9", &format!("-{}", child.id()));
    }
    child.wait().unwrap();
    found
}

/// Which records: a few, or all where all are wanted.
pub(super) fn numbers(few: &'static [usize]) -> Vec<usize> {
    if is_thorough() { (0..80).collect() } else { few.to_vec() }
}

fn a_failing_migration(server: Server, few: &'static [usize]) {
    let name = format!("srv-k-{}", server.name());
    let Some(shop) = Shop::new(&name, server, &guarded(server), "") else { return };
    shop.deploy().ends(0);
    let mut account = shop.answers("1").writes(3);
    shop.version("2", true);
    for number in numbers(few) {
        let client = Client::start(shop.port);
        let was_killed = killed(&shop, &["deploy", "--yes"], number);
        shop.stack.backstay(&["recover"]).ends(0);
        shop.answers("1");
        account.extend(client.stop().0);
        shop.has(&account, true);
        assert_eq!(shop.stack.leftovers(), Vec::<String>::new(), "record {number}");
        if !was_killed {
            break;
        }
    }
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_failing_migration_is_killed_at_steps_of_postgresql() {
    a_failing_migration(Server::Postgres, &[22, 29]);
}

#[test]
fn a_failing_migration_is_killed_at_every_step_of_the_others() {
    if !is_thorough() {
        eprintln!("not run: `cargo xtask faults` takes it");
        return;
    }
    for server in [Server::Mariadb, Server::Valkey, Server::Sqlite] {
        a_failing_migration(server, &[]);
    }
}

/// A rollback with data leads to all of one or all of the other.
fn the_way_back(server: Server, few: &'static [usize]) {
    let name = format!("srv-kb-{}", server.name());
    let Some(shop) = Shop::new(&name, server, &guarded(server), "") else { return };
    shop.deploy().ends(0);
    let first = shop.answers("1").writes(3);
    shop.version("2", false).deploy().ends(0);
    let second = shop.answers("2").writes(3);
    let all = first.clone().into_iter().chain(second.clone()).collect();
    let target = shop.backups().remove(0);
    for number in numbers(few) {
        let was_killed = killed(&shop, &["rollback", "--with-data", "--yes", &target], number);
        shop.stack.backstay(&["recover"]).ends(0);
        let version = super::client::ask(shop.port, "version");
        if version.is_none_or(|version| version.trim() == "2") {
            shop.answers("2").has(&all, false);
        } else {
            // The commit was on record.
            shop.answers("1").has(&first, true);
            assert!(shop.rows().iter().all(|(row, _)| !second.contains_key(row)));
            break;
        }
        assert_eq!(shop.stack.leftovers(), Vec::<String>::new(), "record {number}");
        if !was_killed {
            break;
        }
    }
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_rollback_with_data_is_killed_at_steps_of_postgresql() {
    the_way_back(Server::Postgres, &[18]);
}

#[test]
fn a_rollback_with_data_is_killed_at_every_step_of_the_others() {
    if !is_thorough() {
        eprintln!("not run: `cargo xtask faults` takes it");
        return;
    }
    for server in [Server::Mariadb, Server::Valkey, Server::Sqlite] {
        the_way_back(server, &[]);
    }
}
