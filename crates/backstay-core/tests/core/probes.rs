//! `x-backstay.health` and `x-backstay.retention`.

use std::time::Duration;

use backstay_core::release::Retention;
use backstay_core::stack::{Check, Http, Model, Probe};

fn stack(health: &str) -> String {
    format!(
        "name: shop\nservices:\n  web:\n    image: w\n    ports:\n      \
         - {{mode: ingress, target: 8080, published: \"8817\", protocol: tcp}}\n    \
         x-backstay: {{health: {health}}}\n"
    )
}

fn probes(health: &str) -> Vec<Probe> {
    Model::parse(&stack(health)).unwrap().services["web"].probes.clone()
}

fn error(health: &str) -> String {
    Model::parse(&stack(health)).unwrap_err().to_string()
}

#[test]
fn a_check_has_defaults() {
    let probe = probes("{tcp: 6379}").remove(0);
    assert_eq!(probe.check, Check::Tcp(6379));
    let seconds = Duration::from_secs;
    assert_eq!((probe.interval, probe.timeout, probe.retries), (seconds(1), seconds(5), 3));
    assert_eq!(probe.start_period, seconds(30));
    assert_eq!(probe.budget(), seconds(48));
    assert!(probes("null").is_empty());
}

#[test]
fn a_host_port_stands_for_the_one_behind_it() {
    let port = |text: &str| match probes(text).remove(0).check {
        Check::Http(http) => http.port,
        Check::Tcp(port) => port,
        Check::Exec(_) => 0,
    };
    assert_eq!(port("{http: \"https://new-env:8817/api/health\"}"), 8080);
    assert_eq!(port("{http: \"http://localhost:8080/\"}"), 8080);
    assert_eq!(port("{http: \"http://[::1]/x\"}"), 80);
    assert_eq!(port("{http: \"https://a.test?b=c:d\"}"), 443);
    assert_eq!(port("{tcp: \"localhost:8817\"}"), 8080);
    assert_eq!(port("{tcp: 9000}"), 9000);
}

#[test]
fn several_checks_with_all_they_can_say() {
    let list = "[{http: {url: \"https://localhost:8817/h\", status: [200, \"300-302\"], body: ok, insecure: true}, \
                interval: 2s, timeout: 500ms, retries: 5, start_period: 0s}, {exec: [/check, -v]}, {exec: \"a | b\"}]";
    let all = probes(list);
    let Check::Http(http) = &all[0].check else { panic!("{all:?}") };
    assert_eq!(
        http,
        &Http {
            url: "https://localhost:8817/h".to_owned(),
            port: 8080,
            status: vec![(200, 200), (300, 302)],
            body: Some("ok".to_owned()),
            insecure: true,
        }
    );
    assert!(http.allows(200) && http.allows(301) && !http.allows(204) && !http.allows(303));
    assert_eq!((all[0].retries, all[0].timeout), (5, Duration::from_millis(500)));
    assert_eq!(all[0].check.to_string(), "http https://localhost:8817/h");
    assert_eq!(all[1].check, Check::Exec(vec!["/check".to_owned(), "-v".to_owned()]));
    assert_eq!(all[2].check.to_string(), "exec /bin/sh -c a | b");
}

#[test]
fn without_a_status_success_and_redirection_are_right() {
    let Check::Http(http) = probes("{http: \"http://a/\"}").remove(0).check else { panic!() };
    assert!(http.allows(200) && http.allows(302) && !http.allows(404) && !http.allows(503));
}

#[test]
fn mistakes_are_named_with_their_place() {
    let place = "`services.web.x-backstay.health";
    for (health, problem) in [
        ("x", "` must be a mapping"),
        ("{}", "` needs exactly one of http, tcp and exec"),
        ("{tcp: 1, exec: [a]}", "` needs exactly one of http, tcp and exec"),
        ("[{tcp: 1}, {udp: 1}]", "[1].udp` is not known; the keys are http, tcp, exec,"),
        ("{tcp: 0}", ".tcp` must be a port, 1 to 65535"),
        ("{tcp: web}", ".tcp` must be a port, 1 to 65535"),
        ("{exec: []}", ".exec` must be a command"),
        ("{http: {}}", ".http.url` is missing"),
        ("{http: \"ftp://a\"}", ".http.url` must be an `http://` or `https://` URL"),
        ("{http: \"http://u:p@a/\"}", ".http.url` must be an `http://` or `https://` URL"),
        ("{http: \"http://a:x/\"}", ".http.url` must be an `http://` or `https://` URL"),
        ("{http: {url: \"http://a\", status: 99}}", ".http.status` must be status codes"),
        ("{http: {url: \"http://a\", status: 300-200}}", ".http.status` must be status codes"),
        ("{http: {url: \"http://a\", body: [a]}}", ".http.body` must be text"),
        ("{http: {url: \"http://a\", insecure: maybe}}", ".http.insecure` must be `true` or"),
        ("{http: {url: \"http://a\", verify: no}}", ".http.verify` is not known; the keys are url"),
        ("{tcp: 1, retries: 0}", ".retries` must be a whole number"),
        ("{tcp: 1, timeout: soon}", ".timeout` must be a duration"),
        ("{tcp: 1, timeout: 0s}", ".timeout` must be longer than nothing"),
    ] {
        let said = error(health);
        assert!(said.contains(&format!("{place}{problem}")), "{health}: {said}");
        assert!(!said.contains("u:p@"), "{said}");
    }
}

#[test]
fn a_stack_says_how_long_its_backups_are_kept() {
    let of = |own: &str| {
        Model::parse(&format!("name: shop\nservices: {{}}\n{own}")).map(|model| model.retention)
    };
    assert_eq!(of("").unwrap(), None);
    assert_eq!(of("x-backstay: {}\n").unwrap(), None);
    let days = of("x-backstay: {retention: {keep_days: 30}}\n").unwrap();
    assert_eq!(days, Some(Retention { keep_days: Some(30), keep_last: None }));
    let both = of("x-backstay: {retention: {keep_days: \"30\", keep_last: 3}}\n").unwrap();
    assert_eq!(both, Some(Retention { keep_days: Some(30), keep_last: Some(3) }));
    for (own, problem) in [
        (
            "{days: 3}",
            "`x-backstay.retention.days` is not known; the keys are keep_days, keep_last",
        ),
        ("{keep_last: 0}", "`x-backstay.retention.keep_last` must be a whole number, 1 or more"),
        ("{keep_days: -1}", "`x-backstay.retention.keep_days` must be a whole number, 0 or more"),
        ("30", "`x-backstay.retention` must be a mapping"),
        ("{}", "`x-backstay.retention` needs keep_days, keep_last or both"),
    ] {
        let said = of(&format!("x-backstay: {{retention: {own}}}\n")).unwrap_err().to_string();
        assert!(said.contains(problem), "{own}: {said}");
    }
}
