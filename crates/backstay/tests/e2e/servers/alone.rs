//! Data alone: it is saved and brought back while the release stays, with `kill -9` on the way.

use super::client::Account;
use super::image::Server;
use super::killed::{killed, numbers};
use super::shop::Shop;
use crate::harness::is_thorough;

/// Only these rows are there.
#[track_caller]
fn has_only(shop: &Shop, account: &Account) {
    shop.answers("1").has(account, true);
    assert!(shop.rows().iter().all(|(number, _)| account.contains_key(number)));
}

fn saved_and_brought_back(name: &str, server: Server, data: &str, few: &'static [usize]) {
    let name = format!("srv-alone-{name}");
    let Some(shop) = Shop::new(&name, server, data, "") else { return };
    shop.deploy().ends(0);
    let first = shop.answers("1").writes(3);
    let before = shop.stack.picture().containers;
    shop.stack.backstay(&["data", "save"]).ends(0).says("_backup.");
    assert_eq!(shop.stack.picture().containers, before);
    let kept = shop.backups().remove(0);
    let mut all = first.clone();
    all.extend(shop.answers("1").writes(3));

    // Nobody is there who could be asked.
    shop.stack.backstay(&["data", "restore", &kept]).ends(2);
    shop.has(&all, true);
    // There, and back again: what there was before is the newest copy then.
    shop.stack.backstay(&["data", "restore", "--yes", &kept]).ends(0);
    has_only(&shop, &first);
    assert_eq!(shop.stack.picture().containers, before);
    shop.stack.backstay(&["data", "restore", "--yes"]).ends(0);
    has_only(&shop, &all);
    assert_eq!(shop.stack.picture().containers, before);
    assert_eq!(shop.stack.leftovers(), Vec::<String>::new());

    for number in numbers(few) {
        let was_killed = killed(&shop, &["data", "save"], number);
        shop.stack.backstay(&["recover"]).ends(0);
        has_only(&shop, &all);
        assert_eq!(shop.stack.leftovers(), Vec::<String>::new(), "save, record {number}");
        if !was_killed {
            break;
        }
    }
    for number in numbers(few) {
        let was_killed = killed(&shop, &["data", "restore", "--yes", &kept], number);
        shop.stack.backstay(&["recover"]).ends(0);
        assert_eq!(shop.stack.leftovers(), Vec::<String>::new(), "restore, record {number}");
        let count = shop.answers("1").rows().len();
        has_only(&shop, if count == first.len() { &first } else { &all });
        if count == first.len() || !was_killed {
            break;
        }
    }
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn data_of_postgresql_is_saved_and_brought_back_alone() {
    saved_and_brought_back("postgres", Server::Postgres, "{dump: postgres}", &[7, 12]);
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn data_of_sqlite_is_saved_and_brought_back_alone() {
    saved_and_brought_back("sqlite", Server::Sqlite, "{copy: stop}", &[4]);
}

#[test]
fn a_file_of_sqlite_is_dumped_and_brought_back_while_it_is_used() {
    let data = "{dump: {preset: sqlite, file: /data/app.db}}";
    saved_and_brought_back("lite-dump", Server::Sqlite, data, &[]);
}

#[test]
fn data_of_the_others_is_saved_and_brought_back_alone() {
    if !is_thorough() {
        eprintln!("not run: `cargo xtask faults` takes it");
        return;
    }
    saved_and_brought_back("mariadb", Server::Mariadb, "{dump: mariadb}", &[]);
    saved_and_brought_back("valkey", Server::Valkey, "{dump: valkey}", &[]);
}
