//! A one-shot that migrates with the app's own image, and an app that waits for it.

use super::site::{CHECK, QUICK, Site, answers};
use crate::harness::port;

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_migration_runs_before_the_app_that_needs_it() {
    let Some(site) = Site::new("oneshot") else { return };
    let port = port();
    let project = &site.stack.project;
    let compose = |schema: u64| {
        format!(
            "services:
  migrate:
    image: {project}-app
    command: [migrate, \"{schema}\"]
    volumes: [\"db:/data\"]
    depends_on: {{db: {{condition: service_started}}}}
  db:
    image: {project}-app
    environment: {{MODE: ok}}
    restart: unless-stopped
    volumes: [\"db:/data\"]
    {QUICK}
  app:
    build: app
    image: {project}-app
    environment: {{SERVICE: app}}
    restart: unless-stopped
    ports: [\"{port}:8080\"]
    volumes: [\"db:/data\"]
    depends_on: {{migrate: {{condition: service_completed_successfully}}}}
    {CHECK}
    {QUICK}
volumes: {{db: {{}}}}
"
        )
    };
    site.compose(&compose(1)).image("app", "1", "schema:1").deploy().ends(0);
    answers(port, "/schema", "1");
    site.compose(&compose(2)).image("app", "2", "schema:2").deploy().ends(0);
    answers(port, "/schema", "2");
    answers(port, "/", "app 2");
    // Its migration is missing.
    site.image("app", "3", "schema:3").deploy().ends(10);
    answers(port, "/", "app 2");
    site.rollback().ends(0);
    answers(port, "/", "app 1");
}
