//! What Compose does when it starts and stops containers: files that are put into them, hooks, and names that have to lead
//! to what is live.

use std::process::Command;

use crate::harness::{Stack, eventually, inner, page, port, web};

impl Stack {
    /// A file of the running container of a service: its content, and what `ls -l` would say of it.
    fn file(&self, service: &str, path: &str) -> Option<(Vec<u8>, u32, u64, u64)> {
        let mut command = Command::new("docker");
        command.envs(self.host().map(|host| ("DOCKER_HOST", host)));
        let from = format!("{}:{path}", self.id(service));
        let output = command.args(["cp", &from, "-"]).output().unwrap();
        if !output.status.success() {
            return None;
        }
        let mut archive = tar::Archive::new(output.stdout.as_slice());
        let mut entry = archive.entries().unwrap().next()?.unwrap();
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut content).unwrap();
        let header = entry.header();
        let owner = (header.uid().unwrap(), header.gid().unwrap());
        Some((content, header.mode().unwrap() & 0o777, owner.0, owner.1))
    }

    fn text(&self, service: &str, path: &str) -> String {
        let (content, ..) = self.file(service, path).unwrap_or_default();
        String::from_utf8(content).unwrap()
    }

    /// Whether this Compose knows hooks.
    fn knows_hooks(&self) -> bool {
        let mut command = Command::new("docker");
        let check = command.args(["compose", "config", "-q"]).current_dir(self.path()).output();
        let known = check.unwrap().status.success();
        if !known {
            eprintln!("not run: this version of Compose does not know hooks");
        }
        known
    }
}

fn with_files(stack: &Stack, port: u16, text: &str) {
    let service = web("web", port)
        + "    configs: [{source: app, target: /etc/app.conf, mode: 0440}, setting]\n    secrets: [{source: token, uid: \"12\", gid: \"13\", mode: 0400}]\n";
    let tail = format!(
        "configs:\n  app:\n    content: |\n      price=$$5\n      mode={text}\n  setting: {{environment: SETTING}}\nsecrets: {{token: {{environment: TOKEN}}}}\n"
    );
    stack.compose_file(&(service + &tail));
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn files_without_a_source_are_in_every_container_and_come_back() {
    let Some(stack) = Stack::new("inject") else { return };
    let port = port();
    stack.mode("web", "ok").write(".env", "SETTING=a=b\nTOKEN='t$$k'\n");
    with_files(&stack, port, "one");
    // Compose's own bytes are the measure.
    stack.compose(&["up", "-d", "--build"]);
    let paths = ["/etc/app.conf", "/setting", "/run/secrets/token"];
    let of_compose = paths.map(|path| stack.file("web", path));
    assert_eq!(of_compose[0].as_ref().unwrap().0, b"price=$5\nmode=one\n");
    // Adopted, though only the content has changed.
    with_files(&stack, port, "two");
    stack.backstay(&["deploy"]).ends(0);
    assert_eq!(stack.text("web", "/etc/app.conf"), "price=$5\nmode=two\n");
    assert_eq!(
        [1, 2].map(|at| stack.file("web", paths[at])),
        [1, 2].map(|at| of_compose[at].clone())
    );
    stack.write(".env", "SETTING=c\nTOKEN=other\n");
    stack.backstay(&["deploy"]).ends(0);
    assert_eq!(stack.text("web", "/setting"), "c");
    assert_eq!(stack.text("web", "/run/secrets/token"), "other");
    stack.backstay(&["rollback", "--yes"]).ends(0);
    assert_eq!(
        [1, 2].map(|at| stack.file("web", paths[at])),
        [1, 2].map(|at| of_compose[at].clone())
    );
    // To the release that was adopted while its files said something else: from what was read out of its container.
    stack.backstay(&["rollback", "--yes"]).ends(0);
    assert_eq!(paths.map(|path| stack.file("web", path)), of_compose);
    assert!(page(port, "/").unwrap().starts_with("web "));
    assert!(stack.leftovers().is_empty(), "{:?}", stack.leftovers());
}

#[test]
fn a_read_only_service_with_such_a_file_is_refused() {
    let Some(stack) = Stack::new("readonly") else { return };
    stack.mode("web", "ok");
    with_files(&stack, port(), "one");
    let text = stack
        .read("docker-compose.yml")
        .replace("    restart:", "    read_only: true\n    restart:");
    stack.write("docker-compose.yml", &text);
    let run = stack.backstay(&["deploy", "--skip-env"]).ends(3);
    run.says("services.web.configs: `app` has no file");
}

fn with_hooks(stack: &Stack, port: u16, start: &str) {
    let hook = |words: &str| format!("[{{command: [/demo-server, {words}]}}]");
    let service = web("web", port)
        + &format!(
            "    volumes: [notes:/notes]\n    post_start: {}\n    pre_stop: {}\n",
            hook(start),
            hook("note, /notes/log, stops")
        );
    stack.compose_file(&(service + "volumes: {notes: {}}\n"));
}

#[test]
fn hooks_are_run_and_a_failing_one_undoes_the_run() {
    let Some(stack) = Stack::new("hooks") else { return };
    let port = port();
    stack.mode("web", "ok").write(".env", "VERSION=1\n");
    with_hooks(&stack, port, "note, /notes/log, one");
    if !stack.knows_hooks() {
        return;
    }
    stack.backstay(&["deploy"]).ends(0);
    assert!(stack.text("web", "/notes/log").ends_with("one\n"));
    with_hooks(&stack, port, "note, /notes/log, two");
    stack.backstay(&["deploy"]).ends(0);
    // The old container stops before the new one starts: they have the same host port.
    assert!(stack.text("web", "/notes/log").ends_with("stops\ntwo\n"));
    with_hooks(&stack, port, "oneshot, \"3\"");
    let before = stack.picture();
    let run = stack.backstay(&["deploy"]).ends(10);
    run.says("post_start `/demo-server oneshot 3`: exit code 3").says("web 1: done");
    assert_eq!(stack.picture(), before);
    assert_eq!(page(port, "/version").as_deref(), Some("1"));
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn links_lead_to_what_is_live() {
    let Some(stack) = Stack::new("links") else { return };
    let port = port();
    let front = web("front", port).replace("${VERSION:-1}", "1")
        + "    environment: {UPSTREAM: \"http://inside:8080/version\"}\n    links: [\"back:inside\"]\n";
    stack.mode("front", "ok").mode("back", "ok").write(".env", "VERSION=1\n");
    stack.compose_file(&(front + &inner("back")));
    let asked = || page(port, "/via");
    stack.backstay(&["deploy"]).ends(0);
    assert_eq!(asked().as_deref(), Some("1"));
    stack.write(".env", "VERSION=2\n");
    stack.backstay(&["deploy"]).ends(0);
    assert_eq!(asked().as_deref(), Some("2"));
    stack.lines(&["restart", "-t", "1", &stack.id("front")]);
    // It listens a moment after it has started.
    eventually(|| asked().is_some());
    assert_eq!(asked().as_deref(), Some("2"));
    stack.backstay(&["rollback", "--yes"]).ends(0);
    assert_eq!(asked().as_deref(), Some("1"));
    stack.write(".env", "VERSION=3\n").mode("back", "exit:1");
    stack.backstay(&["deploy"]).ends(10);
    assert_eq!(asked().as_deref(), Some("1"));
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_service_that_lives_with_a_named_container_follows_it() {
    let Some(stack) = Stack::new("home") else { return };
    let (port, home) = (port(), format!("{}-home", stack.project));
    let lender = inner("home")
        + &format!(
            "    container_name: {home}\n    ports: [\"{port}:8081\"]\n    stop_grace_period: 1s\n"
        );
    let guest = inner("guest")
        + &format!(
            "    network_mode: \"container:{home}\"\n    environment: {{PORT: \"8081\"}}\n    stop_grace_period: 1s\n"
        );
    let guest = guest.replace("${VERSION:-1}", "${GUEST:-1}");
    stack.mode("home", "ok").mode("guest", "ok").write(".env", "VERSION=1\nGUEST=1\n");
    stack.compose_file(&(lender + &guest));
    stack.backstay(&["deploy"]).ends(0);
    assert_eq!(page(port, "/version").as_deref(), Some("1"));
    // Only the home changes, then both.
    stack.write(".env", "VERSION=2\nGUEST=1\n");
    stack.backstay(&["deploy"]).ends(0);
    assert!(page(port, "/").unwrap().starts_with("guest 1"));
    stack.write(".env", "VERSION=3\nGUEST=3\n");
    stack.backstay(&["deploy"]).ends(0);
    assert!(page(port, "/").unwrap().starts_with("guest 3"));
    // The home comes back, and the guest with it.
    stack.write(".env", "VERSION=4\nGUEST=4\n").mode("guest", "exit:1");
    let before = stack.picture();
    stack.backstay(&["deploy"]).ends(10);
    assert_eq!(stack.picture(), before);
    assert!(page(port, "/").unwrap().starts_with("guest 3"));
    // Made anew from outside, it leaves its guest cut off; the next run mends that.
    stack.write(".env", "VERSION=3\nGUEST=3\n").mode("guest", "ok");
    stack.lines(&["restart", "-t", "1", &stack.id("home")]);
    stack.backstay(&["deploy"]).ends(0);
    assert!(page(port, "/").unwrap().starts_with("guest 3"));
}
