//! What speaks against a second container of a service, even for a while.

use backstay_core::engine::ImageFacts;
use backstay_core::plan::{Facts, Memory, Method, Why};

use crate::stacks::{World, change};

/// How `x` is replaced beside `other`, and why.
fn replaced(body: &str, other: &str, facts: Facts) -> (Method, Vec<Why>) {
    let mut world = World::up(&format!("services: {{x: {{{body}}}, other: {{{other}}}}}"));
    world = world.new_definition("x");
    world.facts.insert("x".into(), facts);
    let plan = world.plan();
    (change(&plan, "x").method, change(&plan, "x").why.clone())
}

fn asked() -> Facts {
    Facts { listens: Some(true), ..Facts::default() }
}

fn image(facts: ImageFacts) -> Facts {
    Facts { image: Some(facts), ..asked() }
}

const BUILT: &str = "build: {context: /x}";

#[test]
fn a_database_is_known_by_what_its_image_says() {
    let database = |facts: ImageFacts| replaced(BUILT, "image: o", image(facts));
    let why = |image: &str| (Method::StopFirst, vec![Why::Database { image: image.into() }]);
    assert_eq!(database(ImageFacts { ports: [5432].into(), ..Default::default() }), why("5432"));
    let variables = ["PGDATA".to_owned()].into();
    assert_eq!(database(ImageFacts { variables, ..Default::default() }), why("PGDATA"));
    let command = vec!["mysqld".to_owned()];
    assert_eq!(database(ImageFacts { command, ..Default::default() }), why("mysqld"));
    let body = format!("{BUILT}, command: [redis-server, --appendonly, \"yes\"]");
    assert_eq!(replaced(&body, "image: o", asked()), why("redis-server"));
}

#[test]
fn the_order_that_somebody_asked_for_goes_before() {
    let body = format!("{BUILT}, deploy: {{update_config: {{order: start-first}}}}");
    let facts = image(ImageFacts { ports: [5432].into(), ..Default::default() });
    assert_eq!(replaced(&body, "image: o", facts).0, Method::Beside);
}

#[test]
fn two_containers_do_not_write_to_one_volume() {
    let volume =
        |mount: &str| replaced(&format!("{BUILT}, volumes: [{{{mount}}}]"), "image: o", asked());
    let data = |source: &str| (Method::StopFirst, vec![Why::Data { source: source.into() }]);
    assert_eq!(volume("type: volume, source: data, target: /data"), data("data"));
    assert_eq!(
        volume("type: volume, source: data, target: /data, read_only: true").0,
        Method::Beside
    );
    assert_eq!(volume("type: volume, source: app_logs, target: /logs").0, Method::Beside);
    assert_eq!(volume("type: volume, source: x, target: /srv/uploads").0, Method::Beside);
    // A file that is mounted, as a configuration is.
    assert_eq!(volume("type: bind, source: /srv/app.conf, target: /app.conf").0, Method::Beside);
    assert_eq!(
        volume("type: bind, source: /srv/app.sqlite3, target: /app.sqlite3"),
        data("/srv/app.sqlite3")
    );
    assert_eq!(
        volume("type: bind, source: /var/run/docker.sock, target: /var/run/docker.sock").0,
        Method::Beside
    );
    let facts = Facts { folders: ["/srv/data".to_owned()].into(), ..asked() };
    let body = format!("{BUILT}, volumes: [{{type: bind, source: /srv/data, target: /data}}]");
    assert_eq!(replaced(&body, "image: o", facts), data("/srv/data"));
}

#[test]
fn what_another_service_uses_too_may_hold_a_socket() {
    let body = format!("{BUILT}, volumes: [{{type: volume, source: tmp, target: /run/app}}]");
    let other =
        "image: o, volumes: [{type: volume, source: tmp, target: /run/app, read_only: true}]";
    let why = vec![Why::SharedVolume { source: "tmp".into(), service: "other".into() }];
    assert_eq!(replaced(&body, other, asked()), (Method::StopFirst, why));
}

#[test]
fn a_volume_that_the_image_declares_is_data() {
    let facts =
        |path: &str| image(ImageFacts { volumes: [path.to_owned()].into(), ..Default::default() });
    let why = vec![Why::ImageVolume { path: "/var/lib/x".into() }];
    assert_eq!(replaced(BUILT, "image: o", facts("/var/lib/x")), (Method::StopFirst, why));
    assert_eq!(replaced(BUILT, "image: o", facts("/var/log")).0, Method::Beside);
}

#[test]
fn who_is_asked_by_nobody_does_not_run_twice() {
    let worker = (Method::StopFirst, vec![Why::NobodyConnects]);
    let idle = || Facts { listens: Some(false), ..Facts::default() };
    assert_eq!(replaced(BUILT, "image: o", idle()), worker);
    assert_eq!(replaced(BUILT, "image: o", Facts::default()), worker);
    assert_eq!(replaced(BUILT, "image: o", asked()).0, Method::Beside);
    assert_eq!(
        replaced(&format!("{BUILT}, expose: [\"80\"]"), "image: o", idle()).0,
        Method::Beside
    );
    let needed = "image: o, depends_on: {x: {condition: service_started}}";
    assert_eq!(replaced(BUILT, needed, idle()).0, Method::Beside);
    assert_eq!(replaced(BUILT, "image: o, links: [\"x:y\"]", idle()).0, Method::Beside);
}

#[test]
fn who_can_be_found_as_soon_as_it_runs_is_proven_by_a_twin() {
    let found = |body: &str| replaced(&format!("{BUILT}, {body}"), "image: o", asked());
    let (method, why) = found("labels: {traefik.enable: \"true\"}");
    assert_eq!(method, Method::RehearsedBeside);
    assert_eq!(why, [Why::FoundByLabel { label: "traefik.enable".into() }]);
    let (method, why) = found("environment: {VIRTUAL_HOST: a.example}");
    assert_eq!(method, Method::RehearsedBeside);
    assert_eq!(why, [Why::FoundByVariable { variable: "VIRTUAL_HOST".into() }]);
    let (method, why) = found("hostname: api, networks: {default: null}");
    assert_eq!(method, Method::RehearsedBeside);
    assert_eq!(why, [Why::FoundByHostname { hostname: "api".into() }]);
    assert_eq!(found("labels: {org.opencontainers.image.title: x}").0, Method::Beside);
}

#[test]
fn what_does_not_fit_into_memory_does_not_run_twice() {
    let mut world = World::up("services: {x: {build: {context: /x}}}").new_definition("x");
    world.memory = Some(Memory { free: 1000, used: [("x".to_owned(), 900)].into() });
    assert_eq!(change(&world.plan(), "x").method, Method::Beside);
    world.memory = Some(Memory { free: 1000, used: [("x".to_owned(), 901)].into() });
    let plan = world.plan();
    assert_eq!(change(&plan, "x").method, Method::StopFirst);
    assert_eq!(change(&plan, "x").why, [Why::Memory { needs: 901, free: 1000 }]);
}

#[test]
fn what_can_only_be_seen_to_run_is_known_beforehand() {
    let only_seen = |body: &str, facts: Facts| {
        let mut world = World::up(&format!("services: {{x: {{{body}}}}}")).new_definition("x");
        world.facts.insert("x".into(), facts);
        change(&world.plan(), "x").only_seen
    };
    let silent =
        || Facts { image: Some(ImageFacts::default()), listens: Some(false), ..Facts::default() };
    let body = format!("{BUILT}, restart: always");
    assert!(only_seen(&body, silent()));
    // What is not known is not claimed.
    assert!(!only_seen(&body, Facts { image: None, ..silent() }));
    assert!(!only_seen(&body, Facts { listens: Some(true), ..silent() }));
    let image = |facts: ImageFacts| Facts { image: Some(facts), ..silent() };
    assert!(!only_seen(&body, image(ImageFacts { checks: true, ..Default::default() })));
    assert!(!only_seen(&body, image(ImageFacts { ports: [80].into(), ..Default::default() })));
    assert!(!only_seen(&format!("{body}, healthcheck: {{test: [CMD, ok]}}"), silent()));
}

#[test]
fn a_label_of_the_image_leads_to_a_container_too() {
    let labels = ["traefik.enable".to_owned()].into();
    let facts = image(ImageFacts { labels, ..Default::default() });
    let found = vec![Why::FoundByLabel { label: "traefik.enable".into() }];
    assert_eq!(replaced(BUILT, "image: o", facts), (Method::RehearsedBeside, found));
}
