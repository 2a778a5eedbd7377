//! Siblings of an app behind the gateway: one that looks its name up once, as nginx does, and one that asks for it anew each
//! time. Neither notices anything, nor is it told to look again.

use std::collections::BTreeSet;
use std::time::Duration;

use backstay_testkit::load::{Load, Rate};

use super::site::{CHECK, Site, answers};
use crate::harness::{Run, is_podman, page, port};

/// Not too many: each of them waits for a connection for half a second, and one of them no longer for an answer.
const RATE: Rate = Rate {
    workers: 1,
    pause: Duration::from_millis(20),
    timeout: Duration::from_secs(15),
    limit: Duration::from_secs(300),
};

/// The proxies that are asked: one that looks up once, one that does so each time.
const PROXIES: [&str; 2] = ["once", "each"];

struct Inside {
    site: Site,
    ports: [u16; 2],
}

impl Inside {
    fn new(name: &str, app: &str) -> Option<Self> {
        let site = Site::new(name)?;
        if is_podman() {
            return None;
        }
        assert!(
            std::env::var_os("BACKSTAY_GATEWAY").is_some(),
            "BACKSTAY_GATEWAY is not set; `cargo xtask test` sets it"
        );
        let inside = Self { site, ports: [port(), port()] };
        let project = &inside.site.stack.project;
        inside.site.image("once", "1", "resolve-once upstream=http://app:8080/");
        inside.site.build("once", &format!("{project}-nginx:1"));
        inside.site.image("each", "1", "upstream=http://shop:8080/");
        inside.site.build("each", &format!("{project}-each:1"));
        inside.app(app).site.image("app", "1", "ok").deploy().ends(0);
        Some(inside)
    }

    /// The files, with these lines for the app.
    fn app(&self, app: &str) -> &Self {
        let (project, [once, each]) = (&self.site.stack.project, self.ports);
        let usual = "restart: unless-stopped\n    stop_grace_period: 2s";
        self.site.compose(&format!(
            "services:
  app:
    build: app
    environment: {{SERVICE: app}}
    networks: {{default: {{aliases: [shop]}}}}
    {usual}
    {CHECK}
    {app}
  once:
    image: {project}-nginx:1
    environment: {{PORT: 9001}}
    depends_on: [app]
    ports: [\"{once}:9001\"]
    {usual}
  each:
    image: {project}-each:1
    environment: {{PORT: 9002}}
    depends_on: [app]
    ports: [\"{each}:9002\"]
    {usual}
"
        ));
        self
    }

    fn turn(&self, verb: &str) -> Run {
        self.site.stack.backstay(&["gateway", verb, "--yes"]).ends(0)
    }

    /// When each of the proxies was started.
    fn started(&self) -> Vec<String> {
        let of = |name: &&str| {
            let id = self.site.stack.id(name);
            self.site.stack.lines(&["inspect", "--format", "{{.Id}} {{.State.StartedAt}}", &id])
        };
        PROXIES.iter().flat_map(of).collect()
    }

    /// The names that the app's container has itself.
    fn own_names(&self) -> String {
        let id = self.site.stack.id("app");
        let format = "{{range .NetworkSettings.Networks}}{{json .Aliases}}{{end}}";
        self.site.stack.lines(&["inspect", "--format", format, &id]).concat()
    }

    /// A run while visitors come through both proxies: nobody notices, and neither proxy is touched.
    #[track_caller]
    fn unnoticed(&self, what: &str, from: &str, to: &str, run: impl FnOnce() -> Run) {
        let before = self.started();
        let urls = self.ports.map(|port| format!("http://127.0.0.1:{port}/via"));
        let load = Load::start_at(&urls, RATE).unwrap();
        let run = run();
        let during = load.lap();
        std::thread::sleep(Duration::from_millis(500));
        let after = load.stop();
        let wanted: BTreeSet<String> = [from, to].map(|version| format!("app {version}")).into();
        for (proxy, (during, after)) in PROXIES.iter().zip(during.urls.iter().zip(&after.urls)) {
            println!(
                "{what}, {proxy}: {} requests, {} failed, slowest {} ms",
                during.requests + after.requests,
                during.failures + after.failures,
                during.slowest.as_millis()
            );
            assert_eq!(during.failures + after.failures, 0, "{during:?}\n{}", run.screen);
            let seen: BTreeSet<String> =
                during.versions.iter().map(|version| version.trim().to_owned()).collect();
            assert_eq!(seen, wanted, "{what}, {proxy}: {during:?}\n{}", run.screen);
            assert_eq!(after.versions, [format!("app {to}")], "{what}, {proxy}");
        }
        assert_eq!(self.started(), before, "{what}\n{}", run.screen);
    }
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn siblings_notice_nothing_of_what_happens_to_a_service() {
    let Some(inside) = Inside::new("inside", "deploy: {update_config: {monitor: 1s}}") else {
        return;
    };
    let (site, stack) = (&inside.site, &inside.site.stack);
    inside.turn("enable").says("the gateway leads to app (8080)");
    assert_eq!(inside.own_names(), "[]");
    for port in inside.ports {
        answers(port, "/via", "app 1");
    }
    let up = stack.compose(&["up", "-d", "--no-build"]);
    assert!(!up.contains("Recreate") && !up.contains("orphan"), "{up}");
    stack.backstay(&["gateway", "status"]).ends(0).says("8080 inside").says("app:8080");

    inside.unnoticed("a deploy", "1", "2", || site.image("app", "2", "ok").deploy().ends(0));
    for mode in ["never-healthy", "crash-after:500"] {
        let failing = || site.image("app", "3", mode).deploy().ends(10);
        inside.unnoticed("a failing release", "2", "2", failing);
    }
    site.image("app", "4", "ok");
    let update = || stack.backstay(&["update", "app", "--yes"]).ends(0);
    inside.unnoticed("an update", "2", "4", update);
    inside.unnoticed("a rollback", "4", "2", || site.rollback().ends(0));

    assert!(stack.leftovers().is_empty(), "{:?}", stack.leftovers());

    inside.turn("disable");
    assert!(inside.own_names().contains("\"app\""), "{}", inside.own_names());
    for port in inside.ports {
        answers(port, "/via", "app 2");
    }
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_worker_of_the_gateway_that_is_killed_is_missed_for_less_than_a_second() {
    let Some(inside) = Inside::new("insidekill", "deploy: {update_config: {monitor: 1s}}") else {
        return;
    };
    inside.turn("enable");
    let gateway = format!("{}-backstay-gateway", inside.site.stack.project);
    // The first process is the supervisor, the next one its worker.
    let top = inside.site.stack.lines(&["top", &gateway, "-eo", "pid"]);
    let worker = top.last().unwrap().trim().to_owned();
    let urls = inside.ports.map(|port| format!("http://127.0.0.1:{port}/via"));
    let load = Load::start_at(&urls, RATE).unwrap();
    let has_seen = |count: u64| load.peek(|url| url.requests >= count);
    while !has_seen(100) {
        std::thread::yield_now();
    }
    let killed = std::process::Command::new("kill").args(["-9", &worker]).status().unwrap();
    assert!(killed.success());
    while !has_seen(400) {
        std::thread::yield_now();
    }
    let report = load.stop();
    let outage = report.longest_outage();
    println!(
        "killed: {} of {} failed, {} ms",
        report.failures(),
        report.requests(),
        outage.as_millis()
    );
    assert!(outage < Duration::from_secs(1), "{report:?}");
    for port in inside.ports {
        assert_eq!(page(port, "/via").as_deref(), Some("app 1"));
    }
}
