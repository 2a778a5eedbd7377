//! Bad input and a machine that is not ready: a clear error, its own exit code, nothing changed.

use std::process::Stdio;

use crate::harness::{Picture, Stack, port, web};

fn deployed(name: &str) -> Option<(Stack, Picture)> {
    let stack = Stack::new(name)?;
    stack.mode("one", "ok").write(".env", "VERSION=1\n").compose_file(&web("one", port()));
    stack.backstay(&["deploy"]).ends(0);
    let before = stack.picture();
    Some((stack, before))
}

#[test]
fn mistakes_in_the_files_change_nothing() {
    let Some((stack, before)) = deployed("files") else { return };
    let good = stack.read("docker-compose.yml");
    let running = before.containers;
    for (text, says) in [
        (good.replace("services:", "services: ["), "yaml"),
        (good.replace("restart: unless-stopped", "restart: ${POLICY:?say how}"), "POLICY"),
        (good.replace("restart: unless-stopped", "env_file: no-such.env"), "no-such.env"),
        (
            format!("{good}    configs: [c]\nconfigs: {{c: {{file: ./no-such.conf}}}}\n"),
            "no-such.conf",
        ),
    ] {
        stack.write("docker-compose.yml", &text);
        let run = stack.backstay(&["deploy"]);
        assert!(matches!(run.code, Some(3 | 6)), "{}", run.screen);
        run.says(says);
        assert_eq!(stack.picture().containers, running);
    }
    std::fs::remove_file(stack.path().join("docker-compose.yml")).unwrap();
    stack.backstay(&["deploy"]).ends(3).says("compose");
    stack.backstay(&["-f", "elsewhere.yml", "deploy"]).ends(3).says("elsewhere.yml");
}

#[test]
fn a_port_that_is_taken_changes_nothing() {
    let Some(stack) = Stack::new("taken") else { return };
    let port = port();
    let _holder = std::net::TcpListener::bind(("0.0.0.0", port)).unwrap();
    stack.mode("one", "ok").compose_file(&web("one", port));
    let before = stack.picture();
    stack.backstay(&["deploy"]).ends(6).says(&port.to_string());
    assert_eq!(stack.picture(), before);
    assert!(!stack.path().join(".backup").exists());
}

#[test]
fn an_engine_that_is_not_there_changes_nothing() {
    let Some((stack, before)) = deployed("engine") else { return };
    let output = stack
        .command(&["deploy"])
        .env("DOCKER_HOST", "unix:///nonexistent/engine.sock")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(4), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(stack.picture(), before);
}

#[test]
fn the_second_run_is_told_who_is_first() {
    let Some((stack, _)) = deployed("lock") else { return };
    stack.write(".env", "VERSION=2\n");
    let mut first =
        stack.command(&["deploy", "--monitor", "30s"]).stdout(Stdio::piped()).spawn().unwrap();
    crate::crash::wait_for_line(&mut first, "[2/8]");
    let second = stack.backstay(&["deploy"]).ends(5);
    let pid = first.id().to_string();
    assert!(second.screen.contains(&pid), "{}", second.screen);
    crate::crash::signal("-TERM", &pid);
    assert_eq!(first.wait().unwrap().code(), Some(11));
}

#[test]
fn there_is_nothing_to_go_back_to() {
    let Some((stack, before)) = deployed("nothing") else { return };
    stack.backstay(&["rollback", "--yes"]).ends(7);
    stack.backstay(&["rollback", "20200101_000000", "--yes"]).ends(7);
    stack.backstay(&["rollback", "../../etc", "--yes"]).ends(7);
    stack.backstay(&["rollback"]).ends(2).says("--yes");
    assert_eq!(stack.picture(), before);
}

#[test]
fn a_full_disk_changes_nothing() {
    let Some((stack, before)) = deployed("full") else { return };
    let disk = stack.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.to_str().unwrap()])
        .status();
    if !mounted.is_ok_and(|status| status.success()) {
        eprintln!("not run: no small disk can be mounted here");
        return;
    }
    let run = {
        let small = disk.join("stack");
        std::fs::create_dir(&small).unwrap();
        for name in ["docker-compose.yml", ".env"] {
            std::fs::copy(stack.path().join(name), small.join(name)).unwrap();
        }
        let state = disk.join("state");
        let places = [small.to_str().unwrap(), state.to_str().unwrap()];
        stack.backstay(&["--project-directory", places[0], "--state", places[1], "deploy"])
    };
    let unmounted = std::process::Command::new("umount").arg("-l").arg(&disk).status();
    assert!(unmounted.is_ok_and(|status| status.success()));
    assert_eq!(run.code, Some(6), "{}", run.screen);
    assert_eq!(stack.picture(), before);
}
