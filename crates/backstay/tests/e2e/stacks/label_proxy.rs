//! A proxy that reads labels: it routes to every running container that has one and is not unhealthy, whatever its name.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use backstay_testkit::app::Target;

use super::site::{CHECK, Site};

/// Who is there takes a connection at once; its answer may take longer on a machine with other things to do.
const CONNECT: Duration = Duration::from_millis(500);
const LIMIT: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(100);
/// Health, then the address on each network.
const FORMAT: &str = "{{if .State.Health}}{{.State.Health.Status}}{{else}}healthy{{end}} \
                      {{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}";

/// Visitors of such a proxy, and what they got.
struct Visitors {
    end: Arc<AtomicBool>,
    thread: JoinHandle<Vec<String>>,
}

impl Visitors {
    fn come(label: &str) -> Self {
        let end = Arc::new(AtomicBool::new(false));
        let (ended, label) = (Arc::clone(&end), label.to_owned());
        let thread = thread::spawn(move || {
            let mut got = Vec::new();
            while !ended.load(Ordering::Relaxed) {
                got.extend(visit(&label));
                thread::sleep(PAUSE);
            }
            got
        });
        Self { end, thread }
    }

    fn go(self) -> Vec<String> {
        self.end.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

/// The answer of each backend that the proxy would choose from.
fn visit(label: &str) -> Vec<String> {
    let filter = format!("label={label}");
    let ids = output(&["ps", "-q", "--filter", &filter, "--filter", "status=running"]);
    let ids: Vec<&str> = ids.split_whitespace().collect();
    if ids.is_empty() {
        return vec!["no backend".to_owned()];
    }
    let backends = output(&[&["inspect", "--format", FORMAT], &*ids].concat());
    let healthy = backends.lines().filter_map(|line| line.strip_prefix("healthy "));
    let addresses = healthy.filter_map(|line| line.split_whitespace().next());
    addresses.map(ask).collect()
}

fn ask(address: &str) -> String {
    let target = Target::resolve(&format!("http://{address}:8080/"));
    let answer = target.and_then(|target| target.get_within(CONNECT, LIMIT));
    answer.map_or_else(|_| "no answer".to_owned(), |answer| answer.body.trim().to_owned())
}

fn output(arguments: &[&str]) -> String {
    let output = Command::new("docker").args(arguments).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn visitors_of_a_label_reading_proxy_get_no_release_that_is_not_proven() {
    let Some(site) = Site::new("labels") else { return };
    let label = format!("edge.enable={}", site.stack.project);
    site.compose(&format!(
        "services:
  web:
    build: web
    environment: {{SERVICE: web}}
    restart: unless-stopped
    labels: [\"{label}\"]
    {CHECK}
    stop_grace_period: 2s
    deploy: {{update_config: {{monitor: 3s}}}}
"
    ));
    site.image("web", "1", "ok").deploy().ends(0);
    assert_eq!(visit(&label), ["web 1"]);

    let visitors = Visitors::come(&label);
    site.image("web", "2", "crash-after:1500").deploy().ends(10);
    let got = visitors.go();
    assert!(got.iter().all(|answer| answer == "web 1"), "{got:?}");

    let visitors = Visitors::come(&label);
    site.image("web", "3", "ok").deploy().ends(0);
    let got = visitors.go();
    assert!(got.iter().any(|answer| answer == "web 1"), "{got:?}");
    assert!(got.iter().all(|answer| answer != "web 2"), "{got:?}");
    assert_eq!(visit(&label), ["web 3"]);

    site.rollback().ends(0);
    assert_eq!(visit(&label), ["web 1"]);
}
