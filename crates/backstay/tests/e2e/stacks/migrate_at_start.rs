//! An app that migrates its database when it starts.

use super::site::{CHECK, QUICK, Site, answers};
use crate::harness::port;

#[test]
#[ignore = "long: cargo xtask test --all"]
fn an_app_that_migrates_at_its_start_finds_its_schema() {
    let Some(site) = Site::new("atstart") else { return };
    let port = port();
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
volumes: {{db: {{}}}}
"
    ));
    site.image("app", "1", "migrate:1").deploy().ends(0);
    answers(port, "/schema", "1");
    site.image("app", "2", "migrate:2").deploy().ends(0);
    answers(port, "/schema", "2");
    answers(port, "/", "app 2");
    site.image("app", "3", "schema:3").deploy().ends(10);
    answers(port, "/schema", "2");
    answers(port, "/", "app 2");
    // Data is not taken back.
    site.rollback().ends(0);
    answers(port, "/", "app 1");
    answers(port, "/schema", "2");
}
