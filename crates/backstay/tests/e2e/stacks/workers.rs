//! A worker and a scheduler that nobody connects to, and that must not run twice.

use std::collections::BTreeMap;

use super::site::{QUICK, Site};

/// The first and the last turn of each container, by its host name: with the version that it worked for.
fn spans(lines: &[String]) -> BTreeMap<String, (String, u64, u64)> {
    let mut spans = BTreeMap::new();
    for line in lines {
        let words: Vec<&str> = line.split(' ').collect();
        let [version, container, time] = words[..] else { panic!("no turn: {line}") };
        let time = time.parse().unwrap();
        let first = || (version.to_owned(), time, time);
        spans.entry(container.to_owned()).or_insert_with(first).2 = time;
    }
    spans
}

/// No two of them worked at once. Gives the versions in order.
#[track_caller]
fn versions(lines: &[String]) -> Vec<String> {
    let mut spans: Vec<_> = spans(lines).into_values().collect();
    spans.sort_by_key(|(_, first, _)| *first);
    for pair in spans.windows(2) {
        assert!(pair[0].2 <= pair[1].1, "two at once: {spans:?}");
    }
    spans.into_iter().map(|(version, ..)| version).collect()
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn workers_and_schedulers_do_not_run_twice() {
    let Some(site) = Site::new("workers") else { return };
    let service = |name: &str| {
        format!(
            "  {name}:
    build: jobs
    command: [worker]
    restart: unless-stopped
    volumes: [\"{name}:/data\"]
    {QUICK}
"
        )
    };
    let services = service("worker") + &service("scheduler");
    site.compose(&format!("services:\n{services}volumes: {{worker: {{}}, scheduler: {{}}}}\n"));
    site.image("jobs", "1", "ok").deploy().ends(0);
    site.image("jobs", "2", "ok").deploy().ends(0);
    site.image("jobs", "3", "exit:1").deploy().ends(10);
    site.rollback().ends(0);
    for name in ["worker", "scheduler"] {
        let seen = versions(&site.in_volume(name, "/data/work"));
        // The second version was started again after the third one had failed.
        assert_eq!((seen.first(), seen.last()), (Some(&"1".into()), Some(&"1".into())), "{seen:?}");
        assert!(seen.contains(&"2".into()) && !seen.contains(&"3".into()), "{seen:?}");
    }
}
