//! `kill -9` of the whole process group, and signals that ask politely.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use crate::harness::{Stack, is_thorough, page, port, web};

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
#[ignore = "long: cargo xtask test --all"]
fn killed_while_building() {
    killed_at("k-build", "\"build\"", "1");
}

#[test]
fn killed_while_replacing() {
    killed_at("k-replace", "\"switching\"", "1");
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn killed_after_the_commit() {
    killed_at("k-commit", "\"committed\"", "2");
}

/// The old release takes its time to start: a run that is undone, by itself or by a recovery, has not ended before it serves again.
#[test]
fn what_is_started_again_serves_at_the_end() {
    let Some(stack) = Stack::new("k-slow") else { return };
    let port = port();
    stack.mode("one", "slow-start:1200").write(".env", "VERSION=1\n");
    stack.compose_file(&web("one", port));
    stack.backstay(&["deploy"]).ends(0);
    let before = stack.ids("one");
    stack.mode("one", "ok");
    let hook = |run: &str| {
        let hooks =
            format!("x-backstay: {{hooks: {{after_switch: {{name: end, run: '{run}'}}}}}}\n");
        stack.write(".env", "VERSION=2\n").compose_file(&(web("one", port) + &hooks));
    };
    hook("exit 3");
    stack.backstay(&["deploy"]).ends(10);
    assert_eq!(page(port, "/version").as_deref(), Some("1"), "after the undo");
    hook("kill -9 $$PPID");
    assert_eq!(stack.backstay(&["deploy"]).code, None);
    assert_eq!(page(port, "/version").as_deref(), Some("2"), "the old release is stopped");
    stack.backstay(&["recover"]).ends(0);
    assert_eq!(page(port, "/version").as_deref(), Some("1"), "after the recovery");
    assert_eq!(stack.ids("one"), before);
}

/// More of the same: where all cases are wanted.
#[test]
fn killed_in_between() {
    if !is_thorough() {
        eprintln!("not run: `cargo xtask faults` takes it");
        return;
    }
    killed_at("k-create", "\"type\":\"create\"", "1");
    killed_at("k-rehearse", "\"rehearsing\"", "1");
    killed_at("k-bake", "\"type\":\"bake\"", "1");
}

/// The signals that this process ignores, as a mask.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_polite_signal_undoes_the_run() {
    let Some((stack, ports)) = stack("term") else { return };
    stack.write(".env", "VERSION=2\n");
    let before = stack.picture();
    for (name, number) in [("-INT", 2), ("-TERM", 15)] {
        // Whoever runs the tests in the background may have it ignored, and the program leaves that as it is.
        if ignored() >> (number - 1) & 1 == 1 {
            continue;
        }
        let mut command = stack.command(&["--json", "deploy"]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        assert!(wait_for_line(&mut child, "\"switching\""));
        signal(name, &child.id().to_string());
        assert_eq!(child.wait().unwrap().code(), Some(11));
        assert_eq!(stack.picture(), before);
    }
    assert_eq!(page(ports[1], "/version").as_deref(), Some("1"));
}

/// At moments that nobody chose, of a deploy and of a rollback. The seed is printed; `BACKSTAY_SEED` repeats it.
#[test]
#[ignore = "long: cargo xtask test --all"]
fn killed_at_random_moments() {
    let Some((stack, ports)) = stack("k-random") else { return };
    let seed = std::env::var("BACKSTAY_SEED").ok().and_then(|seed| seed.parse().ok());
    let mut seed: u64 = seed.unwrap_or_else(|| u64::from(std::process::id()));
    eprintln!("BACKSTAY_SEED={seed}");
    stack.write(".env", "VERSION=2\n");
    stack.backstay(&["deploy"]).ends(0);
    for round in 0..if is_thorough() { 12 } else { 2 } {
        stack.write(".env", "VERSION=3\n");
        let before = stack.picture();
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let verb: &[&str] = if round % 2 == 0 { &["deploy"] } else { &["rollback", "--yes"] };
        let mut command = stack.command(verb);
        let mut child =
            command.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0).spawn().unwrap();
        // Not to synchronise with anything: the moment is meant to be any.
        std::thread::sleep(std::time::Duration::from_millis((seed >> 33) % 7000));
        signal("-9", &format!("-{}", child.id()));
        child.wait().unwrap();
        stack.backstay(&["recover"]).ends(0);
        assert!(stack.leftovers().is_empty(), "{:?}", stack.leftovers());
        let after = stack.picture();
        let served: Vec<Option<String>> =
            ports.iter().map(|port| page(*port, "/version")).collect();
        assert!(served[0].is_some() && served[0] == served[1], "{served:?}");
        assert_eq!(after.containers.len(), 2, "{after:?}");
        assert!(!after.tags.iter().any(|tag| tag.starts_with("backstay-build/")), "{after:?}");
        if served[0].as_deref() == Some("2") && round % 2 == 0 {
            assert_eq!(after, before);
        }
        if served[0].as_deref() != Some("2") {
            stack.write(".env", "VERSION=2\n");
            stack.backstay(&["deploy", "--monitor", "0s"]).ends(0);
        }
    }
}
