//! nginx itself in front of an app, under load: nobody gets an error, and after each run it serves the version that runs.
//!
//! `BACKSTAY_NGINX` names a folder that Debian's package was unpacked into, with all that it needs, as `cargo xtask test` does.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use backstay_testkit::load::{Load, Rate};

use super::site::{CHECK, QUICK, Site, answers};
use crate::harness::{Run, is_podman, port};

const DOCKERFILE: &str = "FROM scratch\nCOPY . /\nENTRYPOINT [\"/usr/sbin/nginx\", \"-e\", \"stderr\", \"-g\", \"daemon off;\"]\n";
const CONFIGURATION: &str = "user root;
pid /tmp/nginx.pid;
events {}
http {
  access_log off;
  client_body_temp_path /tmp/body;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;
  server {
    listen 80;
    location / { proxy_pass http://app:8080; }
  }
}
";
/// What the program is linked with, and what these are.
const LIBRARIES: [&str; 8] = [
    "ld-linux",
    "libc.so.",
    "libcrypt.so.",
    "libcrypto.so.",
    "libpcre2-8.so.",
    "libssl.so.",
    "libz.so.",
    "libzstd.so.",
];
/// For how long visitors still come when a run has ended.
const AFTERWARDS: Duration = Duration::from_secs(1);
/// How long a visitor waits.
const PATIENCE: Duration = Duration::from_secs(60);
/// Visitors at the same time.
const VISITORS: usize = 4;

fn unpacked() -> Option<PathBuf> {
    let found = std::env::var_os("BACKSTAY_NGINX").map(PathBuf::from);
    if found.is_none() {
        eprintln!("not run: BACKSTAY_NGINX is not set; `cargo xtask test` sets it where it can");
    }
    found
}

/// The context of an image with nothing but nginx in it.
fn image(root: &Path, folder: &Path) {
    for part in ["usr/sbin", "lib", "lib64", "etc/nginx", "tmp"] {
        fs::create_dir_all(folder.join(part)).unwrap();
    }
    fs::copy(root.join("usr/sbin/nginx"), folder.join("usr/sbin/nginx")).unwrap();
    let entries = |folder: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).into_iter().flatten();
        entries.map(|entry| entry.unwrap().path()).collect()
    };
    let of_a_triple = |path: &PathBuf| path.to_string_lossy().ends_with("-linux-gnu");
    let libraries = entries(&root.join("usr/lib")).into_iter().filter(of_a_triple);
    let places = libraries.map(|place| (place, "lib")).chain([(root.join("usr/lib64"), "lib64")]);
    for (place, part) in places {
        for path in entries(&place) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if LIBRARIES.iter().any(|library| name.starts_with(library)) {
                fs::copy(path, folder.join(part).join(name)).unwrap();
            }
        }
    }
    fs::write(folder.join("etc/passwd"), "root:x:0:0:root:/:/bin/false\n").unwrap();
    fs::write(folder.join("etc/group"), "root:x:0:\n").unwrap();
    fs::write(folder.join("Dockerfile"), DOCKERFILE).unwrap();
}

/// A run with visitors at nginx all the while, who get no error, first this version and at last that one, and no third one.
#[track_caller]
fn visited(port: u16, what: &str, from: &str, to: &str, run: impl FnOnce() -> Run) {
    let rate = Rate { workers: VISITORS, timeout: PATIENCE, ..Rate::default() };
    let visitors = Load::start_at(&[format!("http://127.0.0.1:{port}/")], rate).unwrap();
    let run = run();
    let during = visitors.lap().urls.remove(0);
    // What ran before has gone: nobody gets it any more.
    std::thread::sleep(AFTERWARDS);
    let after = visitors.stop().urls.remove(0);
    eprintln!(
        "{what}: {} requests, {} failed, longest outage {} ms, slowest answer {} ms; then {}, {} failed",
        during.requests,
        during.failures,
        during.longest_outage.as_millis(),
        during.slowest.as_millis(),
        after.requests,
        after.failures,
    );
    assert_eq!(
        during.failures + after.failures,
        0,
        "{what}: {during:?}\n{after:?}\n{}",
        run.screen
    );
    let expected = BTreeSet::from([from, to]);
    let seen: BTreeSet<&str> = during.versions.iter().map(|version| version.trim()).collect();
    assert_eq!(seen, expected, "{what}: {during:?}\n{}", run.screen);
    assert_eq!(after.versions, [to], "{what}: {after:?}\n{}", run.screen);
}

/// The compose file, with this for the rollout of the app.
fn files(site: &Site, port: u16, rollout: &str) {
    let project = &site.stack.project;
    site.compose(&format!(
        "services:
  app:
    build: app
    environment: {{SERVICE: app}}
    restart: unless-stopped
    {CHECK}
    {rollout}
  proxy:
    image: {project}-nginx:1
    restart: unless-stopped
    depends_on: [app]
    ports: [\"{port}:80\"]
    volumes: [\"./nginx.conf:/etc/nginx/nginx.conf:ro\"]
    {QUICK}
"
    ));
}

/// The app at its first version, and nginx in front of it.
fn deployed(name: &str) -> Option<(Site, u16)> {
    let root = unpacked()?;
    let site = Site::new(name)?;
    let port = port();
    image(&root, &site.stack.path().join("proxy"));
    site.build("proxy", &format!("{}-nginx:1", site.stack.project));
    site.write("nginx.conf", CONFIGURATION);
    files(&site, port, QUICK);
    site.image("app", "1", "ok").deploy().ends(0);
    answers(port, "/", "app 1");
    Some((site, port))
}

/// A deploy, an update, a failing release and a rollback under load.
fn visited_all_along(site: &Site, port: u16) {
    site.image("app", "2", "ok");
    visited(port, "a deploy", "app 1", "app 2", || site.deploy().ends(0));
    site.image("app", "3", "ok");
    let update = || site.stack.backstay(&["update", "app", "--yes"]).ends(0);
    visited(port, "an update", "app 2", "app 3", update);
    site.image("app", "4", "exit:1");
    visited(port, "a failing release", "app 3", "app 3", || site.deploy().ends(10));
    site.image("app", "5", "ok").deploy().ends(0);
    answers(port, "/", "app 5");
    visited(port, "a rollback", "app 5", "app 3", || site.rollback().ends(0));
}

#[test]
fn nginx_under_load_loses_no_request_in_a_deploy_and_in_a_rollback() {
    let Some((site, port)) = deployed("near-nginx") else { return };
    site.image("app", "2", "ok");
    visited(port, "a deploy", "app 1", "app 2", || site.deploy().ends(0));
    visited(port, "a rollback", "app 2", "app 1", || site.rollback().ends(0));
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn nginx_under_load_loses_no_request_and_serves_the_right_version() {
    let Some((site, port)) = deployed("real-nginx") else { return };
    visited_all_along(&site, port);
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn nginx_in_a_stack_with_a_gateway_is_not_even_reloaded() {
    let Some((site, port)) = deployed("led-nginx") else { return };
    if is_podman() {
        return;
    }
    site.stack.backstay(&["gateway", "enable", "--yes"]).ends(0).says("app (8080)");
    answers(port, "/", "app 1");
    // Its first process, and its workers: a reload makes new ones.
    let processes = || site.stack.lines(&["top", &site.stack.id("proxy"), "-eo", "pid"]);
    let before = processes();
    visited_all_along(&site, port);
    // One that can't run twice: nginx waits for it, and so do its visitors.
    let rollout = QUICK.replace("{monitor: 1s}", "{monitor: 1s, order: stop-first}");
    // On a machine with other things to do a release that fails takes longer than anybody waits by default.
    files(&site, port, &format!("{rollout}\n    x-backstay: {{gateway: {{hold: 60s}}}}"));
    site.image("app", "6", "ok");
    visited(port, "stop-first", "app 3", "app 6", || site.deploy().ends(0));
    site.image("app", "7", "exit:1");
    visited(port, "stop-first, failing", "app 6", "app 6", || site.deploy().ends(10));
    assert_eq!(processes(), before);
}
