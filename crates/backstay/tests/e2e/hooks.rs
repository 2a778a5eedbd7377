//! Hooks of a run on a real engine.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Stdio;

use crate::crash::{signal, wait_for_line};
use crate::harness::{Stack, eventually, inner, lines};

/// `one` with a folder for notes, and these hooks.
fn stack(name: &str) -> Option<Stack> {
    let stack = Stack::new(name)?;
    std::fs::create_dir(stack.path().join("notes")).unwrap();
    stack.mode("one", "ok").write(".env", "VERSION=1\n");
    hooks(&stack, "{}");
    stack.backstay(&["deploy"]).ends(0);
    stack.write(".env", "VERSION=2\n");
    Some(stack)
}

fn hooks(stack: &Stack, hooks: &str) {
    let service = inner("one") + "    volumes: [\"./notes:/notes\"]\n";
    stack.compose_file(&format!("{service}x-backstay: {{hooks: {hooks}}}\n"));
}

fn notes(stack: &Stack) -> Vec<String> {
    let text = std::fs::read_to_string(stack.path().join("notes/log")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// The containers in which hooks ran, that are still there.
fn left(stack: &Stack) -> Vec<String> {
    let project = format!("label=com.docker.compose.project={}", stack.project);
    let filters = ["ps", "-aq", "--filter", &project, "--filter", "label=com.docker.compose.hook"];
    lines(&filters)
}

/// Nothing is left in the container of `one` but its program: a line below the heading. Its healthcheck may run just then.
fn runs_alone(stack: &Stack, hook: &str) {
    let id = stack.id("one");
    eventually(|| {
        let inside = lines(&["top", &id, "-o", "pid,args"]);
        if inside.len() != 2 {
            println!("{hook}: {inside:?}");
        }
        inside.len() == 2
    });
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn hooks_on_the_host_are_run_in_their_order_and_told_what_happens() {
    let Some(stack) = stack("h-order") else { return };
    let log = "echo $$BACKSTAY_HOOK $$BACKSTAY_OPERATION $$BACKSTAY_PROJECT $$BACKSTAY_RELEASE \
               $$BACKSTAY_PREVIOUS_RELEASE $$BACKSTAY_SERVICES $$MINE >> notes/log; test -n $$BACKSTAY_RUN";
    let one = format!("{{run: '{log}', environment: {{MINE: mine}}}}");
    let points =
        ["before_deploy", "before_switch", "after_switch", "after_commit", "after_rollback"];
    let all: Vec<String> = points.iter().map(|point| format!("{point}: {one}")).collect();
    hooks(&stack, &format!("{{{}}}", all.join(", ")));
    let planned = stack.backstay(&["deploy", "--dry-run"]).ends(0);
    planned.says("run hook before_switch on the host").says("When the run has ended:");
    assert_eq!(notes(&stack), Vec::<String>::new());
    let run = stack.backstay(&["deploy", "--no-hooks"]).ends(0);
    run.says("Hooks are not run (--no-hooks): before_deploy, before_switch,");
    assert_eq!(notes(&stack), Vec::<String>::new());
    stack.write(".env", "VERSION=3\n");
    stack.backstay(&["deploy"]).ends(0).says("Hook before_switch has run");
    let project = &stack.project;
    let said = |point: &str| format!("{point} deploy {project} r3 r2 one mine");
    assert_eq!(notes(&stack), points[..4].iter().map(|point| said(point)).collect::<Vec<_>>());
    // `r2` has the hooks, too.
    stack.backstay(&["rollback", "--yes"]).ends(0);
    let last = notes(&stack).split_off(4);
    assert_eq!(last, [format!("after_rollback rollback {project} r2 r3 one mine")]);
    // The same once more: there is nothing to be told.
    std::fs::remove_file(stack.path().join("notes/log")).unwrap();
    stack.write("docker-compose.yml", &stack.read("docker-compose.yml"));
    stack.backstay(&["deploy", "--no-build"]).ends(0);
    assert_eq!(notes(&stack), Vec::<String>::new());
}

#[test]
fn a_migration_that_fails_is_taken_back_with_everything_else() {
    let Some(stack) = stack("h-migrate") else { return };
    let note = |line: &str| format!("[/demo-server, note, /notes/log, {line}]");
    let (up, down) = (note("up"), note("down"));
    hooks(
        &stack,
        &format!(
            "{{before_switch: [{{name: up, run: {up}, undo: {down}, service: one}}, \
             {{name: fails, run: [/demo-server, oneshot, '3'], service: one}}]}}"
        ),
    );
    let before = stack.picture();
    let id = stack.id("one");
    let run = stack.backstay(&["deploy"]).ends(10);
    // It is the new image's.
    let run = run.says("│ fails: one 2: done").says("fails: it ended with exit code 3");
    run.says("Hook up taken back").says("The hook fails has run and can't be taken back");
    assert_eq!((stack.picture(), stack.id("one")), (before, id));
    assert_eq!((notes(&stack), left(&stack)), (vec!["up".into(), "down".into()], Vec::new()));
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_release_that_fails_its_last_check_goes_again() {
    let Some(stack) = stack("h-after") else { return };
    let note = |line: &str| format!("[/demo-server, note, /notes/log, {line}]");
    let (up, down) = (note("check"), note("uncheck"));
    hooks(
        &stack,
        &format!(
            "{{after_switch: [{{run: {up}, undo: {down}, service: one}}, \
             {{name: smoke, run: 'echo it smokes; exit 4'}}], after_rollback: {{run: 'echo told >> notes/log'}}}}"
        ),
    );
    let before = stack.picture();
    let run = stack.backstay(&["deploy"]).ends(10).says("smoke: it ended with exit code 4");
    run.says("smoke: it smokes");
    assert_eq!(stack.picture(), before);
    assert_eq!(notes(&stack), ["check", "uncheck", "told"]);
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn what_takes_too_long_is_ended_wherever_it_runs() {
    let Some(stack) = stack("h-timeout") else { return };
    let before = stack.picture();
    let serve = "run: [/demo-server], environment: {PORT: 8099}, service: one";
    for (seconds, hook) in [
        (5, "before_deploy: {run: 'echo $$$$ > notes/log; sleep 300', timeout: 5s}".to_owned()),
        (1, format!("before_deploy: {{{serve}, timeout: 1s}}")),
        (1, format!("before_switch: {{{serve}, timeout: 1s}}")),
    ] {
        hooks(&stack, &format!("{{{hook}}}"));
        let without = stack.picture().files;
        let run = stack.backstay(&["deploy"]).ends(10);
        run.says(&format!("it was not done after {seconds} s, and was ended"));
        let after = stack.picture();
        assert_eq!((after.containers, after.files), (before.containers.clone(), without));
        assert_eq!(left(&stack), Vec::<String>::new(), "{hook}");
        runs_alone(&stack, &hook);
    }
    let pid = notes(&stack)[0].clone();
    assert!(!Path::new(&format!("/proc/{pid}")).exists(), "{pid} lives on");
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_secret_that_a_hook_prints_is_not_shown() {
    let Some(stack) = stack("h-secret") else { return };
    let secret = "pl4nted-in-env";
    stack.write(".env", &format!("VERSION=2\nDB_PASSWORD={secret}\n"));
    hooks(
        &stack,
        "{before_switch: [{name: host, run: 'echo password is ${DB_PASSWORD}', undo: 'true'}, \
          {name: one, run: [/demo-server, oneshot, '3'], service: one, environment: {SERVICE: '${DB_PASSWORD}'}}], \
         after_rollback: {run: 'echo $$SECRET; exit 3', environment: {SECRET: '${DB_PASSWORD}'}}}",
    );
    for flags in [&["deploy"][..], &["--json", "deploy"]] {
        let run = stack.backstay(flags).ends(10).says("password is [redacted]");
        let run = run.says("[redacted] 2: done");
        assert!(!run.screen.contains(secret), "{}", run.screen);
    }
    let journals = std::fs::read_dir(stack.path().join(".backup/../journal")).unwrap();
    for path in journals.map(|entry| entry.unwrap().path()) {
        assert!(path.is_file(), "{} is left", path.display());
        assert!(!std::fs::read_to_string(&path).unwrap().contains(secret), "{}", path.display());
    }
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_hook_whose_run_was_killed_is_ended_and_taken_back() {
    let Some(stack) = stack("h-killed") else { return };
    let before = stack.picture();
    let serve = "name: it, run: [/demo-server], environment: {PORT: 8099}, service: one";
    let undo = "undo: [/demo-server, note, /notes/log, undone]";
    for hook in [
        "before_switch: {name: it, run: 'echo $$$$ > notes/pid; echo begun; sleep 300', undo: 'echo undone >> notes/log'}"
            .to_owned(),
        format!("before_switch: {{{serve}, {undo}}}"),
        format!("before_deploy: {{{serve}, {undo}}}"),
    ] {
        hooks(&stack, &format!("{{{hook}}}"));
        let _ = std::fs::remove_file(stack.path().join("notes/log"));
        let mut command = stack.command(&["--json", "deploy"]);
        let mut child = command.stdout(Stdio::piped()).process_group(0).spawn().unwrap();
        assert!(wait_for_line(&mut child, "\"line\":\"it: "), "{hook}");
        signal("-9", &format!("-{}", child.id()));
        child.wait().unwrap();
        stack.backstay(&["recover"]).ends(0).says("Hook it taken back");
        assert_eq!(stack.picture().containers, before.containers, "{hook}");
        assert_eq!((notes(&stack), left(&stack)), (vec!["undone".to_owned()], Vec::new()));
        runs_alone(&stack, &hook);
    }
    let pid = std::fs::read_to_string(stack.path().join("notes/pid")).unwrap();
    let place = format!("/proc/{}", pid.trim());
    eventually(|| !Path::new(&place).exists());
}

#[test]
fn a_hook_that_says_nonsense_is_refused_before_anything_is_touched() {
    let Some(stack) = stack("h-refused") else { return };
    let before = stack.picture();
    hooks(&stack, "{before_switch: {run: 'true', tiemout: 5s}}");
    stack
        .backstay(&["deploy"])
        .ends(3)
        .says("x-backstay.hooks.before_switch.tiemout` is not known");
    assert_eq!(stack.picture().containers, before.containers);
}
