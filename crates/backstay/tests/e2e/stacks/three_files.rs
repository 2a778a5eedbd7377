//! Three files, an include with an env file of its own, and a profile.

use super::site::{CHECK, QUICK, Site, answers};
use crate::harness::{Run, port};

fn backstay(site: &Site, words: &[&str]) -> Run {
    let files = ["-f", "docker-compose.yml", "-f", "docker-compose.prod.yml", "--profile", "tools"];
    site.stack.backstay(&[&files, words].concat())
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_stack_of_three_files_is_one_stack() {
    let Some(site) = Site::new("three") else { return };
    let (web, tools) = (port(), port());
    site.compose(&format!(
        "include:
  - path: db/compose.yml
    env_file: db/db.env
services:
  web:
    build: web
    environment: {{SERVICE: web}}
    {CHECK}
    {QUICK}
  tools:
    build: web
    profiles: [tools]
    environment: {{SERVICE: tools}}
    ports: [\"{tools}:8080\"]
    {CHECK}
    {QUICK}
  unused:
    image: nowhere/nothing:1
    profiles: [unused]
"
    ));
    let prod = |greeting: &str| {
        format!(
            "services:\n  web:\n    restart: unless-stopped\n    ports: [\"{web}:8080\"]\n    environment: {{GREETING: {greeting}, UPSTREAM: \"http://db:8080/env/DB_PASSWORD\"}}\n"
        )
    };
    site.write("db/compose.yml", &format!(
        "services:\n  db:\n    image: {}-db:1\n    environment: {{DB_PASSWORD: \"${{DB_PASSWORD:?set it}}\"}}\n    restart: unless-stopped\n    {QUICK}\n",
        site.stack.project
    ));
    site.write("db/db.env", "DB_PASSWORD=of-the-include\n");
    site.image("database", "1", "ok").build("database", &format!("{}-db:1", site.stack.project));
    let serves = |version: &str, greeting: &str, password: &str| {
        answers(web, "/", &format!("web {version}"));
        answers(tools, "/", &format!("tools {version}"));
        answers(web, "/env/GREETING", greeting);
        answers(web, "/via", password);
    };
    site.write("docker-compose.prod.yml", &prod("hello")).image("web", "1", "ok");
    backstay(&site, &["deploy", "--yes"]).ends(0);
    serves("1", "hello", "of-the-include");

    site.write("docker-compose.prod.yml", &prod("good-day")).image("web", "2", "ok");
    site.write("db/db.env", "DB_PASSWORD=changed\n");
    backstay(&site, &["deploy", "--yes"]).ends(0);
    serves("2", "good-day", "changed");

    site.write("docker-compose.prod.yml", &prod("bye")).image("web", "3", "exit:1");
    backstay(&site, &["deploy", "--yes"]).ends(10);
    serves("2", "good-day", "changed");

    site.rollback().ends(0);
    serves("1", "hello", "of-the-include");
    assert_eq!(site.stack.read("docker-compose.prod.yml"), prod("hello"));
    assert_eq!(site.stack.read("db/db.env"), "DB_PASSWORD=of-the-include\n");
}
