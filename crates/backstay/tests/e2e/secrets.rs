//! No password of the stack is ever shown or recorded.

use std::collections::BTreeMap;
use std::io::Read;

use crate::harness::{Run, Stack, inner};

/// Planted in `.env`, a secret's file and a build argument.
const DOT_ENV: &str = "dot-env-pl4nted";
const FILE: &str = "secret file pl4nted";
const ARGUMENT: &str = "build-arg-pl4nted";

/// What a run said and what its journals hold have none of them, and the words around them.
#[track_caller]
fn clean(stack: &Stack, run: &Run, around: &str) {
    let journals = std::fs::read_dir(stack.path().join(".backup/../journal")).unwrap();
    let journals = journals.map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    let texts =
        journals.map(|path| std::fs::read_to_string(path).unwrap()).chain([run.screen.clone()]);
    for text in texts {
        for value in [DOT_ENV, FILE, ARGUMENT] {
            assert!(!text.contains(value), "`{value}` in:\n{text}");
        }
    }
    assert!(run.screen.contains(around), "no `{around}` in:\n{}", run.screen);
}

/// A stack that runs, whose next release prints what it is told.
fn planted(name: &str) -> Option<Stack> {
    let stack = Stack::new(name)?;
    stack.mode("one", "ok").write(".env", &format!("DB_PASSWORD={DOT_ENV}\nWORDS=quiet\n"));
    stack.write("secret.txt", &format!("{FILE}\n"));
    let service = inner("one")
        + "    environment: {SERVICE: \"${WORDS} ${DB_PASSWORD}\"}\n    secrets: [s]\n";
    stack.compose_file(&(service + "secrets: {s: {file: ./secret.txt}}\n"));
    stack.backstay(&["deploy"]).ends(0);
    Some(stack)
}

#[test]
fn a_release_that_prints_its_passwords_and_fails_shows_none() {
    for (name, flags) in [("words", &["deploy"][..]), ("json", &["--json", "deploy"])] {
        let Some(stack) = planted(&format!("secrets-{name}")) else { return };
        stack.write(".env", &format!("DB_PASSWORD={DOT_ENV}\nWORDS={FILE}\n"));
        stack.mode("one", "exit:3");
        let run = stack.backstay(flags).ends(10);
        clean(&stack, &run, "[redacted] [redacted] 1: exits with 3");
    }
}

#[test]
fn a_build_that_prints_its_arguments_and_fails_shows_none() {
    let Some(stack) = planted("secrets-build") else { return };
    let dockerfile = stack.read("Dockerfile");
    let run = "ARG DEPLOY_TOKEN\nRUN [\"/demo-server\", \"oneshot\", \"9\"]\n";
    let dockerfile = dockerfile.replace("ENTRYPOINT", &format!("{run}ENTRYPOINT"));
    stack.write("Dockerfile", &dockerfile.replace("SERVICE=$SERVICE", "SERVICE=$DEPLOY_TOKEN"));
    let moved = dockerfile_with_argument_first(&stack.read("Dockerfile"));
    stack.write("Dockerfile", &moved);
    let compose = stack.read("docker-compose.yml");
    let compose =
        compose.replace("SERVICE: one,", &format!("SERVICE: one, DEPLOY_TOKEN: {ARGUMENT},"));
    stack.write("docker-compose.yml", &compose);
    for flags in [&["deploy"][..], &["deploy", "--verbose"], &["--json", "deploy"]] {
        let run = stack.backstay(flags).ends(10);
        clean(&stack, &run, "[redacted] 1: done");
    }
}

fn dockerfile_with_argument_first(text: &str) -> String {
    let without = text.replace("ARG DEPLOY_TOKEN\n", "");
    without.replace("ARG VERSION=1\n", "ARG VERSION=1\nARG DEPLOY_TOKEN\n")
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_report_of_a_real_stack_has_none() {
    let Some(stack) = planted("secrets-report") else { return };
    let encoded = "dXNlcjpkb3QtZW52LXBsNG50ZWQ=";
    stack.mode("one", encoded);
    stack.backstay(&["deploy"]).ends(10).says("unknown mode");
    // Old journals and old backups know an old password.
    stack.mode("one", "ok").write(".env", "DB_PASSWORD=another-one-2\nWORDS=quiet\n");
    stack.backstay(&["deploy"]).ends(0);
    stack.backstay(&["report", "-o", "report.tar.gz"]).ends(0).says("logs/");
    let files = unpacked(&stack);
    for (name, text) in &files {
        for value in [DOT_ENV, FILE, "another-one-2", &encoded[8..24]] {
            assert!(!text.contains(value), "`{value}` in {name}:\n{text}");
        }
    }
    let has = |part: &str| files.keys().any(|name| name.contains(part));
    assert!(has("containers.json") && has("journal/") && has("releases/"), "{:?}", files.keys());
    assert!(files["model.json"].contains("[redacted]"), "{}", files["model.json"]);
    let logs = files.iter().find(|(name, _)| name.starts_with("logs/")).unwrap().1;
    assert!(logs.contains("[redacted] 1: listens on"), "{logs}");
}

#[test]
fn doctor_finds_nothing_wrong_with_a_stack_that_runs() {
    let Some(stack) = planted("doctor") else { return };
    let run = stack.backstay(&["doctor"]).ends(0);
    for check in
        ["✓ Stack ", "✓ No run is open", "✓ Runs can write", "✓ The clock agrees", "✓ 0 backups"]
    {
        assert!(run.screen.contains(check), "no `{check}` in:\n{}", run.screen);
    }
}

fn unpacked(stack: &Stack) -> BTreeMap<String, String> {
    let file = std::fs::File::open(stack.path().join("report.tar.gz")).unwrap();
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(file));
    let entries = tar.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        let path = entry.path().unwrap().to_string_lossy().into_owned();
        (path.split_once('/').unwrap().1.to_owned(), text)
    });
    entries.collect()
}
