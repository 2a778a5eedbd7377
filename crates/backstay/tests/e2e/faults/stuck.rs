//! An undo that can't succeed: all else is undone, and a person is told the way out.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::ground::{Ended, Ground, Running, Verb};
use super::proxy::{Fault, Proxy};
use crate::harness::{Picture, Stack, lines, page, port, web};

/// While the old container is about to start again, somebody else takes its port.
#[test]
#[ignore = "long: cargo xtask test --all"]
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
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
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

/// While a run is undone, somebody removes the image that the stack's tag is to point to again. No container has it: as long as
/// one does, the engine keeps it.
fn an_image_goes(name: &str, with_vault: bool) -> Option<(Ground, Ended, Picture)> {
    let ground = Ground::new(name)?;
    ground.stack.compose(&["rm", "--stop", "--force", "two"]);
    ground.stack.write(".env", "VERSION=next\n").mode("one", "exit:3");
    let reference = format!("{}-two", ground.stack.project);
    let old = ground.stack.lines(&["image", "inspect", "-f", "{{.Id}}", &reference]).remove(0);
    ground.stack.lines(&["save", "-o", &archive(&ground), &old]);
    let picture = ground.stack.picture();
    let call = format!("POST images/{old}/tag");
    let vault = ground.stack.path().join(".backup/../vault");
    let remove = Fault::Before(Box::new(move || {
        lines(&["image", "rm", "--force", &old]);
        if !with_vault {
            std::fs::remove_dir_all(&vault).unwrap();
        }
    }));
    let proxy = Proxy::new(ground.engine(), Some((Box::new(move |_, at| at == call), remove)));
    let mut command = ground.stack.command(&["deploy"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let ended = Running::start(command.env("DOCKER_HOST", proxy.host())).end();
    assert!(proxy.struck().is_some(), "nothing was tagged:\n{:#?}", proxy.seen());
    Some((ground, ended, picture))
}

fn archive(ground: &Ground) -> String {
    ground.stack.path().join("two.tar").display().to_string()
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn an_image_that_is_gone_comes_back_from_the_vault() {
    let Some((ground, ended, picture)) = an_image_goes("u-vault", true) else { return };
    assert_eq!(ended.code, Some(10), "{}", ended.screen);
    assert_eq!(ground.stack.picture(), picture);
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn an_image_that_no_backup_has_makes_a_stuck_run_until_it_is_back() {
    let Some((ground, ended, picture)) = an_image_goes("u-image", false) else { return };
    assert_eq!(ended.code, Some(12), "{}", ended.screen);
    let reference = format!("{}-two", ground.stack.project);
    for text in [&format!("|| docker image rm {reference}"), "backstay recover"] {
        assert!(ended.screen.contains(text), "no `{text}` in:\n{}", ended.screen);
    }
    assert_eq!(ground.stack.picture().containers, picture.containers);
    ground.stack.backstay(&["deploy"]).ends(12).says("backstay recover");
    ground.stack.lines(&["load", "-i", &archive(&ground)]);
    ground.stack.backstay(&["recover"]).ends(0);
    assert_eq!(ground.stack.picture(), picture);
}

/// Where containerd keeps what it needs of a running container: what looks after the container has its place there.
fn place_of(container: &str) -> Option<PathBuf> {
    let processes = std::fs::read_dir("/proc").ok()?.filter_map(Result::ok);
    let mut places = processes.filter_map(|it| std::fs::read_link(it.path().join("cwd")).ok());
    places.find(|place| place.ends_with(container))
}

/// A folder that containerd did not delete keeps it from taking the next one away: the container stops, and can't start again.
#[test]
fn what_containerd_left_of_a_container_is_named() {
    let Some(stack) = Stack::new("u-left") else { return };
    let (port, data) = (port(), "    volumes: [\"db:/data\"]\n");
    let rules = "volumes: {db: {x-backstay: {data: {copy: stop}}}}\n";
    stack.mode("one", "ok").compose_file(&(web("one", port) + data + rules));
    stack.write(".env", "VERSION=1\n").backstay(&["deploy"]).ends(0);
    let Some(place) = place_of(&stack.id("one")) else {
        eprintln!("not run: it is not seen where containerd has its containers");
        return;
    };
    let hidden = place.with_file_name(format!(".{}", stack.id("one")));
    std::fs::create_dir(&hidden).unwrap();
    std::fs::write(hidden.join("log.json"), "").unwrap();
    let picture = stack.picture();

    stack.write(".env", "VERSION=2\n");
    let stuck = stack.backstay(&["deploy"]).ends(12).says("containerd could not take");
    assert!(!stuck.screen.contains("systemctl"), "{}", stuck.screen);
    stack.backstay(&["recover"]).ends(12).says("sudo rm -rf ");
    assert!(stuck.remove_remains(), "{}", stuck.screen);
    assert!(!hidden.exists());
    stack.backstay(&["recover"]).ends(0);
    stack.write(".env", "VERSION=1\n");
    assert_eq!(stack.picture(), picture);
    assert_eq!(page(port, "/version").as_deref(), Some("1"));
    stack.write(".env", "VERSION=2\n").backstay(&["deploy"]).ends(0);
}
