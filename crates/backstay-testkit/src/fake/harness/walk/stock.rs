//! The versions of the stack that a walk goes through.

use crate::fake::{Behaviour, FakeStack};

pub(super) const CHECK: &str =
    "healthcheck: {test: [CMD, x], interval: 100ms, timeout: 100ms, retries: 2}";

/// How many forms the stack has.
pub(super) const SHAPES: usize = 6;

/// The services that are always there.
pub(super) const SERVICES: [&str; 3] = ["a", "b", "cache"];

/// Two services that are built and one that is not, in one of several forms. `b` is what may fail.
pub(super) fn version(number: usize, shape: usize, of_b: Behaviour) -> FakeStack {
    let (a, b, more) = match shape {
        1 => ("    ports: [\"8080:80\"]\n", "", ""),
        2 => ("", "    deploy: {replicas: 2, update_config: {order: stop-first}}\n", ""),
        3 => (
            "    environment: {MODE: other}\n",
            "    networks: [default, side]\n",
            "networks: {side: }\n",
        ),
        4 => ("", "    volumes: [/scratch]\n", "  c: {build: ./a, restart: always}\n"),
        5 => (
            "    deploy: {replicas: 2, update_config: {order: start-first}}\n",
            "    ports: [\"9090:80\"]\n",
            "",
        ),
        _ => ("", "", ""),
    };
    let (services, top) = if more.starts_with("networks") { ("", more) } else { (more, "") };
    let text = format!(
        "services:\n  cache:\n    image: redis:7\n    restart: always\n    volumes: [\"data:/data\"]\n  \
         a:\n    build: ./a\n    restart: always\n    {CHECK}\n    depends_on: [cache]\n{a}  \
         b:\n    build: ./b\n    restart: always\n    {CHECK}\n    env_file: app.env\n    depends_on: [a]\n{b}\
         {services}volumes: {{data: }}\n{top}"
    );
    let number = number.to_string();
    FakeStack::new("/srv/shop")
        .compose(&text)
        .env(&format!("GREETING=hello {}\n", shape % 2))
        .file("app.env", &format!("LEVEL={}\n", shape / 2))
        .context("a", &number, Behaviour::Healthy)
        .context("b", &number, of_b)
        .registry("redis:7", "7", Behaviour::Healthy)
}
