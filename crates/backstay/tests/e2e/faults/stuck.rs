//! An undo that can't succeed: all else is undone, and a person is told the way out.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::ground::{Ground, Running, Verb};
use super::proxy::{Fault, Proxy};

/// While the old container is about to start again, somebody else takes its port.
#[test]
fn the_port_is_taken_when_the_old_container_is_to_start_again() {
    let Some(mut ground) = Ground::new("u-port") else { return };
    let old = ground.stack.id("one");
    let before = ground.ready(Verb::Deploy);
    // Is healthy at first, and dies when it has taken over.
    ground.stack.mode("one", "crash-after:4000");
    let compose = ground.stack.read("docker-compose.yml");
    ground.stack.write("docker-compose.yml", &compose.replace("monitor: 200ms", "monitor: 8s"));
    let picture = ground.stack.picture();

    let (taken, port) = (Arc::new(Mutex::new(None)), ground.port);
    let thief = Arc::clone(&taken);
    let start = format!("POST containers/{old}/start");
    let steal = Fault::Before(Box::new(move || {
        *thief.lock().unwrap() = Some(TcpListener::bind(("0.0.0.0", port)).unwrap());
    }));
    let proxy = Proxy::new(ground.engine(), Some((Box::new(move |_, call| call == start), steal)));
    let mut command = ground.stack.command(&["deploy", "--no-rehearsal"]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let ended = Running::start(command.env("DOCKER_HOST", proxy.host())).end();
    assert_eq!(ended.code, Some(12), "{}", ended.screen);
    for text in ["docker start ", "backstay recover"] {
        assert!(ended.screen.contains(text), "no `{text}` in:\n{}", ended.screen);
    }
    // All else is as it was, and nothing new begins.
    let now = ground.stack.picture();
    let rest = |lines: &[String]| -> Vec<String> {
        lines.iter().filter(|line| !line.starts_with("one ")).cloned().collect()
    };
    assert_eq!(rest(&now.containers), rest(&picture.containers));
    assert_eq!((&now.networks, &now.files), (&picture.networks, &picture.files));
    ground.stack.backstay(&["deploy"]).ends(12).says("backstay recover");
    ground.stack.backstay(&["recover"]).ends(12).says(&port.to_string());
    ground.stack.backstay(&["status"]).says("backstay recover");

    let at = Instant::now();
    taken.lock().unwrap().take();
    ground.stack.backstay(&["recover"]).ends(0);
    assert_eq!(ground.stack.picture(), picture);
    ground.stack.write("docker-compose.yml", &compose).mode("one", "ok");
    ground.judge("port taken while undoing", "Deploy", before, &ended, at);
    ground.end();
}
