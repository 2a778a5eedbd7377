//! A migration that fails, one that does not, and the way back from it.

use super::client::Client;
use super::image::Server;
use super::shop::Shop;
use crate::harness::is_thorough;

/// What is said of a server's data where a migration that fails is to leave nothing.
pub(super) fn guarded(server: Server) -> String {
    match server {
        // The program is its own server, and writes: only while it stands still is the file its own.
        Server::Sqlite => "{copy: stop, on_failure: restore}".to_owned(),
        other => format!("{{dump: {}, on_failure: restore}}", other.name()),
    }
}

fn there_and_back(server: Server) {
    let name = format!("srv-{}", server.name());
    let Some(shop) = Shop::new(&name, server, &guarded(server), "") else { return };
    shop.deploy().ends(0);
    shop.answers("1");
    let first = shop.writes(5);

    // It drops a column, and then fails.
    let client = Client::start(shop.port);
    shop.version("2", true).deploy().ends(10).says("setting is missing");
    shop.answers("1");
    let (mut account, failed) = client.stop();
    account.extend(first);
    eprintln!("{}: {} acknowledged, {failed} not", server.name(), account.len());
    shop.has(&account, true);
    assert_eq!(shop.stack.leftovers(), Vec::<String>::new());

    // The next one is well.
    let client = Client::start(shop.port);
    shop.version("2", false).deploy().ends(0);
    shop.answers("2");
    let second = shop.writes(5);
    let (during, _) = client.stop();
    account.extend(during);
    account.extend(second);
    shop.has(&account, false);

    // Back to the first one's data, by which all that the second one wrote is away.
    let release = |account: &super::client::Account, release: &str| {
        let is_its = |(_, by): &(&u32, &String)| by.as_str() == release;
        account.iter().filter(is_its).map(|(n, by)| (*n, by.clone())).collect()
    };
    shop.back(None).ends(0);
    shop.answers("1");
    shop.has(&release(&account, "1"), true);
    let of_second: super::client::Account = release(&account, "2");
    assert!(!of_second.is_empty());
    assert!(shop.rows().iter().all(|(number, _)| !of_second.contains_key(number)));

    // And that is taken back.
    let newest = shop.backups().remove(0);
    shop.back(Some(&newest)).ends(0);
    shop.answers("2");
    shop.has(&account, false);
    assert_eq!(shop.stack.leftovers(), Vec::<String>::new());
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn postgresql_goes_with_its_releases() {
    there_and_back(Server::Postgres);
}

#[test]
fn mariadb_goes_with_its_releases() {
    if !is_thorough() {
        eprintln!("not run: `cargo xtask faults` takes it");
        return;
    }
    there_and_back(Server::Mariadb);
}

#[test]
fn valkey_goes_with_its_releases() {
    if !is_thorough() {
        eprintln!("not run: `cargo xtask faults` takes it");
        return;
    }
    there_and_back(Server::Valkey);
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn sqlite_goes_with_its_releases() {
    there_and_back(Server::Sqlite);
}
