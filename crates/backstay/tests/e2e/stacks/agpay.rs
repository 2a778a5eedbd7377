//! The shape of the guide's own stack: seven built services, a cache and a queue, all with host ports and names of their own.

use std::time::Instant;

use super::site::{Site, answers};
use crate::harness::{is_podman, port};

const APIS: [&str; 4] = ["manager-api", "merchant-api", "agent-api", "payment-api"];
const UIS: [&str; 3] = ["manager-ui", "merchant-ui", "agent-ui"];
/// Longer than any of these runs may take: who waits for the engine's first check is too late.
const INTERVAL: &str =
    "healthcheck: {test: [CMD, /demo-server, healthcheck], interval: 30s, timeout: 5s, retries: 3}";

struct Shape {
    site: Site,
    ports: Vec<u16>,
}

fn shape() -> Option<Shape> {
    let site = Site::new("agpay")?;
    let project = site.stack.project.clone();
    site.image("stand-in", "1", "ok").build("stand-in", &format!("{project}-stand-in:1"));
    let ports: Vec<u16> = (0..9).map(|_| port()).collect();
    let mut services = String::new();
    for (name, (mode, port)) in
        ["redis", "rabbitmq"].iter().zip([("redis", ports[7]), ("ok", ports[8])])
    {
        let inner = if mode == "redis" { 6379 } else { 8080 };
        let check = if mode == "redis" { "ping" } else { "healthcheck" };
        services.push_str(&format!(
            "  {name}:\n    image: {project}-stand-in:1\n    container_name: {project}-{name}\n    environment: {{MODE: {mode}}}\n    restart: unless-stopped\n    ports: [\"{port}:{inner}\"]\n    volumes: [\"./data/{name}:/data\"]\n    healthcheck: {{test: [CMD, /demo-server, {check}], interval: 30s, timeout: 5s, retries: 3, start_period: 1s}}\n"
        ));
    }
    for (name, port) in APIS.iter().chain(&UIS).zip(&ports) {
        let is_api = APIS.contains(name);
        let needs = if is_api {
            "    environment: {UPSTREAM: \"redis://redis:6379\", SERVICE: NAME, GREETING: \"${GREETING}\"}\n    depends_on: [redis, rabbitmq]\n"
        } else {
            "    environment: {UPSTREAM: \"http://manager-api:8080/\", SERVICE: NAME}\n    depends_on: [manager-api]\n"
        };
        services.push_str(&format!(
            "  {name}:\n    build: {name}\n    container_name: {project}-{name}\n    restart: unless-stopped\n    ports: [\"{port}:8080\"]\n{}    {INTERVAL}\n    stop_grace_period: 2s\n",
            needs.replace("NAME", name)
        ));
        site.image(name, "1", if is_api { "needs-upstream" } else { "ok" });
    }
    // As editors on Windows write them.
    let text = format!("\u{feff}name: {project}\nservices:\n{services}");
    site.write("docker-compose.yml", &text).write(".env", "\u{feff}GREETING=hello\n");
    Some(Shape { site, ports })
}

impl Shape {
    #[track_caller]
    fn serves(&self, versions: &[(&str, &str)]) {
        for (name, port) in APIS.iter().chain(&UIS).zip(&self.ports) {
            let changed = versions.iter().find(|(changed, _)| changed == name);
            let version = changed.map_or("1", |(_, version)| version);
            answers(*port, "/", &format!("{name} {version}"));
        }
        answers(self.ports[0], "/via", "+PONG");
        answers(self.ports[0], "/env/GREETING", "hello");
    }
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn the_guides_own_stack_is_deployed_updated_and_rolled_back() {
    let Some(shape) = shape() else { return };
    let site = &shape.site;
    let quick = ["--monitor", "1s"];
    let run = |words: &[&str]| site.stack.backstay(&[words, &quick].concat());
    run(&["deploy", "--yes", "--skip-env", "--skip-cert"]).ends(0);
    shape.serves(&[]);

    site.image("agent-api", "2", "needs-upstream");
    let began = Instant::now();
    run(&["update", "--yes", "agent-api"]).ends(0);
    let took = began.elapsed();
    shape.serves(&[("agent-api", "2")]);

    site.image("agent-api", "3", "exit:1").image("manager-ui", "3", "ok");
    run(&["deploy", "--yes", "--skip-env", "--skip-cert"]).ends(10);
    shape.serves(&[("agent-api", "2")]);

    run(&["rollback", "--updates", "--yes"]).ends(0);
    shape.serves(&[]);
    assert!(site.stack.read("docker-compose.yml").starts_with('\u{feff}'));
    assert_eq!(site.stack.read(".env"), "\u{feff}GREETING=hello\n");

    // On Podman, `--wait` never ends where there is no systemd.
    if !is_podman() {
        site.image("agent-api", "2", "needs-upstream");
        let began = Instant::now();
        site.stack.compose(&["up", "-d", "--build", "--wait", "agent-api"]);
        let plain = began.elapsed();
        println!(
            "an update of one service: {:.2} of what Compose takes",
            took.as_secs_f64() / plain.as_secs_f64()
        );
        assert!(took < plain.mul_f64(0.6), "{took:?}, and {plain:?} with Compose alone");
    }
}
