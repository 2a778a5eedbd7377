//! An app whose data goes with its releases.

use std::fs;
use std::process::Stdio;

use super::site::{CHECK, QUICK, Site, answers};
use crate::crash::wait_for_line;
use crate::harness::port;

fn site(name: &str, port: u16, data: &str) -> Option<Site> {
    let site = Site::new(name)?;
    site.compose(&format!(
        "services:
  app:
    build: app
    environment: {{SERVICE: app}}
    restart: unless-stopped
    ports: [\"{port}:8080\"]
    volumes: [\"db:/data\"]
    {CHECK}
    {QUICK}
volumes: {{db: {{x-backstay: {{data: {data}}}}}}}
"
    ));
    Some(site)
}

/// The backups that have data, newest first.
fn backups(site: &Site) -> Vec<String> {
    let root = site.stack.path().join(".backup");
    let names = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().file_name());
    let names = names.map(|name| name.to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| name.starts_with("20")).collect();
    names.sort();
    names.reverse();
    names
}

#[test]
fn a_rollback_takes_data_back_and_is_itself_taken_back() {
    let port = port();
    let Some(site) = site("data-back", port, "{copy: stop, keep_last: 5}") else { return };
    site.image("app", "1", "migrate:1").deploy().ends(0);
    answers(port, "/schema", "1");
    site.image("app", "2", "migrate:2").deploy().ends(0).says("db_backup.tar.zst");
    answers(port, "/schema", "2");
    let with_data = |name: &str| {
        let name = Some(name).filter(|name| !name.is_empty());
        let words = ["rollback", "--with-data", "--yes"].into_iter().chain(name);
        site.stack.backstay(&words.collect::<Vec<_>>())
    };
    with_data("").ends(0);
    answers(port, "/", "app 1");
    answers(port, "/schema", "1");
    let newest = backups(&site).remove(0);
    with_data(&newest).ends(0);
    answers(port, "/", "app 2");
    answers(port, "/schema", "2");
    site.stack.backstay(&["data", "list"]).ends(0).says("db_backup.tar.zst").says(&newest);
    site.stack.backstay(&["data", "verify"]).ends(0).says("can be restored");
    site.stack.backstay(&["backups", "verify"]).ends(0);
    assert_eq!(site.in_volume("app", "/data/schema"), ["2"]);
    assert!(site.stack.leftovers().is_empty());
}

#[test]
fn a_migration_that_fails_leaves_code_and_data_as_they_were() {
    let port = port();
    let rules = "{copy: stop, on_failure: restore}";
    let Some(site) = site("data-guard", port, rules) else { return };
    site.image("app", "1", "migrate:1").deploy().ends(0);
    // It migrates, and then finds that something is missing.
    site.image("app", "2", "migrate:2 schema:3").deploy().ends(10);
    answers(port, "/", "app 1");
    answers(port, "/schema", "1");
    // One that is well, killed while it is tried out: it is ready, so that it has migrated, and is watched for a while.
    site.image("app", "2", "migrate:2");
    let mut run = site.stack.command(&["--json", "deploy", "--yes", "--monitor", "20s"]);
    let mut run = run.stdout(Stdio::piped()).spawn().unwrap();
    assert!(wait_for_line(&mut run, "\"type\":\"ready\""), "it was never ready");
    run.kill().unwrap();
    run.wait().unwrap();
    let recovered = site.stack.backstay(&["recover"]).ends(0);
    recovered.says("Data of db brought back").says("has been undone");
    answers(port, "/", "app 1");
    answers(port, "/schema", "1");
    site.image("app", "3", "migrate:3").deploy().ends(0);
    answers(port, "/", "app 3");
    answers(port, "/schema", "3");
    assert!(site.stack.leftovers().is_empty());
}
