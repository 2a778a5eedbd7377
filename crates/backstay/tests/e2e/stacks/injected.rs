//! Inline configs, and secrets from the environment.

use super::site::{CHECK, QUICK, Site, answers};
use crate::harness::port;

#[test]
#[ignore = "long: cargo xtask test --all"]
fn inline_configs_and_secrets_of_the_environment_are_in_the_container() {
    let Some(site) = Site::new("inline") else { return };
    let port = port();
    let compose = |mode: &str| {
        format!(
            "services:
  app:
    build: app
    environment: {{SERVICE: app}}
    restart: unless-stopped
    ports: [\"{port}:8080\"]
    configs: [{{source: app, target: /etc/app.conf}}]
    secrets: [token]
    {CHECK}
    {QUICK}
configs:
  app:
    content: |
      mode={mode}
      dollar=$$HOME
secrets:
  token: {{environment: TOKEN}}
"
        )
    };
    let has = |mode: &str, token: &str| {
        answers(port, "/file/etc/app.conf", &format!("mode={mode}\ndollar=$HOME"));
        answers(port, "/file/run/secrets/token", token);
    };
    site.write(".env", "TOKEN=first-token-31337\n").compose(&compose("one"));
    site.image("app", "1", "ok").deploy().ends(0);
    has("one", "first-token-31337");
    site.write(".env", "TOKEN=second-token-4711\n").compose(&compose("two")).deploy().ends(0);
    has("two", "second-token-4711");
    site.compose(&compose("three")).image("app", "3", "exit:1").deploy().ends(10);
    has("two", "second-token-4711");
    site.rollback().ends(0);
    has("one", "first-token-31337");
}
