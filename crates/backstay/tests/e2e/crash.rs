//! `kill -9` of the whole process group, and signals that ask politely.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use crate::harness::{Stack, page, port, web};

/// Reads a child's output until a line has `mark` in it. The rest is drained in the background.
pub(crate) fn wait_for_line(child: &mut Child, mark: &str) -> bool {
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    let mut seen = false;
    while reader.read_line(&mut line).unwrap() > 0 {
        if line.contains(mark) {
            seen = true;
            break;
        }
        line.clear();
    }
    std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
    seen
}

pub(crate) fn signal(signal: &str, target: &str) {
    assert!(Command::new("kill").args([signal, "--", target]).status().unwrap().success());
}

fn stack(name: &str) -> Option<(Stack, [u16; 2])> {
    let stack = Stack::new(name)?;
    let ports = [port(), port()];
    stack.mode("one", "ok").mode("two", "ok").write(".env", "VERSION=1\n");
    stack.compose_file(&(web("one", ports[0]) + &web("two", ports[1])));
    stack.backstay(&["deploy"]).ends(0);
    Some((stack, ports))
}

/// Kills the whole group of a deploy when its record of `mark` is written, then recovers.
fn killed_at(name: &str, mark: &str, leads_to: &str) {
    let Some((stack, ports)) = stack(name) else { return };
    stack.write(".env", "VERSION=2\n");
    let before = stack.picture();
    let mut command = stack.command(&["--json", "deploy"]);
    let mut child = command.stdout(Stdio::piped()).process_group(0).spawn().unwrap();
    assert!(wait_for_line(&mut child, mark), "no {mark}");
    signal("-9", &format!("-{}", child.id()));
    child.wait().unwrap();
    stack.backstay(&["recover"]).ends(0);
    for port in ports {
        assert_eq!(page(port, "/version").as_deref(), Some(leads_to));
    }
    assert!(stack.leftovers().is_empty(), "{:?}", stack.leftovers());
    let after = stack.picture();
    if leads_to == "1" {
        assert_eq!(after, before);
    } else {
        assert_eq!(after.containers.len(), 2);
        assert!(!after.tags.iter().any(|tag| tag.starts_with("backstay-build/")));
    }
    stack.backstay(&["recover"]).ends(0);
    assert_eq!(stack.picture(), after);
    stack.backstay(&["deploy"]).ends(0);
    assert_eq!(page(ports[0], "/version").as_deref(), Some("2"));
}

#[test]
fn killed_while_building() {
    killed_at("k-build", "\"build\"", "1");
}

#[test]
fn killed_while_creating() {
    killed_at("k-create", "\"type\":\"create\"", "1");
}

#[test]
fn killed_while_rehearsing() {
    killed_at("k-rehearse", "\"rehearsing\"", "1");
}

#[test]
fn killed_while_replacing() {
    killed_at("k-replace", "\"switching\"", "1");
}

#[test]
fn killed_while_watching() {
    killed_at("k-bake", "\"type\":\"bake\"", "1");
}

#[test]
fn killed_after_the_commit() {
    killed_at("k-commit", "\"committed\"", "2");
}

#[test]
fn a_polite_signal_undoes_the_run() {
    let Some((stack, ports)) = stack("term") else { return };
    stack.write(".env", "VERSION=2\n");
    let before = stack.picture();
    for name in ["-INT", "-TERM"] {
        let mut command = stack.command(&["--json", "deploy"]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        assert!(wait_for_line(&mut child, "\"switching\""));
        signal(name, &child.id().to_string());
        assert_eq!(child.wait().unwrap().code(), Some(11));
        assert_eq!(stack.picture(), before);
    }
    assert_eq!(page(ports[1], "/version").as_deref(), Some("1"));
}
