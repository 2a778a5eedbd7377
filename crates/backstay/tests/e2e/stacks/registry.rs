//! Images that are built elsewhere and pulled here: only `image:`, from a registry.

use super::site::{CHECK, QUICK, Site, answers};
use super::store::Registry;
use crate::harness::port;

#[test]
fn images_of_a_registry_are_pulled_and_rolled_back() {
    let Some(site) = Site::new("registry") else { return };
    let (registry, port) = (Registry::start(), port());
    let reference = format!("127.0.0.1:{}/team/app:latest", registry.port);
    let release = |version: &str, mode: &str| {
        let local = format!("{}-app:{version}", site.stack.project);
        site.image("app", version, mode).build("app", &local);
        let archive = site.stack.path().join("app.tar");
        site.stack.lines(&["save", "-o", &archive.display().to_string(), &local]);
        registry.push("team/app:latest", &archive);
        std::fs::remove_file(archive).unwrap();
        site.stack.lines(&["rmi", "-f", &local]);
    };
    site.compose(&format!(
        "services:
  app:
    image: {reference}
    environment: {{SERVICE: app}}
    restart: unless-stopped
    ports: [\"{port}:8080\"]
    {CHECK}
    {QUICK}
"
    ));
    release("1", "ok");
    site.deploy().ends(0);
    answers(port, "/", "app 1");
    release("2", "ok");
    site.stack.backstay(&["deploy", "--yes", "--pull"]).ends(0);
    answers(port, "/", "app 2");
    release("3", "exit:1");
    site.stack.backstay(&["deploy", "--yes", "--pull"]).ends(10);
    answers(port, "/", "app 2");
    site.rollback().ends(0);
    answers(port, "/", "app 1");
    site.stack.lines(&["rmi", "-f", &reference]);
}
