//! A proxy that looks its upstream up once, as nginx does with `proxy_pass http://app:8080`, in front of an app.

use backstay_testkit::load::Load;

use super::site::{CHECK, QUICK, Site, answers};
use crate::harness::port;

fn site(name: &str, follow: &str) -> Option<(Site, u16)> {
    let site = Site::new(name)?;
    let port = port();
    let nginx = format!("{}-nginx:1", site.stack.project);
    site.image("nginx", "1", "resolve-once upstream=http://app:8080/");
    site.build("nginx", &nginx);
    site.compose(&format!(
        "services:
  app:
    build: app
    environment: {{SERVICE: app}}
    restart: unless-stopped
    {CHECK}
    {QUICK}
  proxy:
    image: {nginx}
    restart: unless-stopped
    ports: [\"{port}:8080\"]
    {QUICK}
    {follow}
"
    ));
    Some((site, port))
}

/// Deploys, fails, rolls back, and asks the proxy each time.
fn served(site: &Site, port: u16) {
    site.image("app", "1", "ok").deploy().ends(0);
    answers(port, "/via", "app 1");
    let visitors = Load::start(&[format!("http://127.0.0.1:{port}/via")], 1).unwrap();
    site.image("app", "2", "ok").deploy().ends(0);
    answers(port, "/via", "app 2");
    let seen = visitors.stop().urls.remove(0);
    // Nothing came back that was over.
    assert_eq!(seen.versions, ["app 1", "app 2"], "{seen:?}");
    site.image("app", "3", "exit:1").deploy().ends(10);
    answers(port, "/via", "app 2");
    site.rollback().ends(0);
    answers(port, "/via", "app 1");
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_proxy_that_depends_on_its_app_with_restart_serves_the_right_version() {
    let follow = "depends_on: {app: {condition: service_healthy, restart: true}}";
    let Some((site, port)) = site("nginx", follow) else { return };
    served(&site, port);
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_proxy_that_says_whom_it_follows_serves_the_right_version() {
    let follow = "depends_on: {app: {condition: service_healthy}}\n    x-backstay: {follow: [app]}";
    let Some((site, port)) = site("follow", follow) else { return };
    served(&site, port);
}
