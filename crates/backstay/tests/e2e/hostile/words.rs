//! Logs, health output, labels, builds and Compose's own words.

use std::process::{Command, Output, Stdio};

use backstay_testkit::app::HOSTILE;

use crate::harness::{Stack, inner};

/// The words as a string of YAML.
fn quoted() -> String {
    let text = String::from_utf8_lossy(HOSTILE);
    let escape = |c: char| match c {
        ' '..='~' if !matches!(c, '"' | '\\' | '$') => c.to_string(),
        // No value of a container may have one.
        '\0' => String::new(),
        c => format!("\\U{:08x}", u32::from(c)),
    };
    format!("\"{}\"", text.chars().map(escape).collect::<String>())
}

/// What is left of a text without what the program itself does to a terminal: colours, and rows that are drawn again.
fn without_own(text: &str) -> String {
    let own = |rest: &str| {
        let body = rest.strip_prefix("\x1b[")?;
        let digits = body.len() - body.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let end = body[digits..].chars().next()?;
        matches!((end, digits), ('m' | 'A', 1..) | ('J', 0)).then_some(2 + digits + 1)
    };
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = own(rest).unwrap_or_else(|| {
            out.push(c);
            c.len_utf8()
        });
        rest = &rest[length..];
    }
    // A terminal ends its lines with both, and a row that is drawn again begins at its left.
    out.replace("\r\n", "\n").replace("\r", "")
}

#[track_caller]
fn is_harmless(text: &str) {
    let harmful = |c: &char| {
        let reorders = matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        *c != '\n' && (c.is_control() || reorders || matches!(c, '\u{2028}' | '\u{2029}'))
    };
    let found: Vec<char> = text.chars().filter(harmful).collect();
    assert!(found.is_empty(), "{found:?} in {text:?}");
}

#[track_caller]
fn is_json(text: &str) {
    for line in text.lines() {
        let value = serde_json::from_str::<serde_json::Value>(line);
        assert!(value.is_ok_and(|value| value.is_object()), "{line:?}");
    }
}

#[track_caller]
fn texts(output: &Output) -> [String; 2] {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8(bytes.clone()).unwrap())
}

/// Runs the program in every way that it can speak. On a terminal too, where there is a program that makes one.
#[track_caller]
fn listen(stack: &Stack, arguments: &[&str], code: i32, says: &str) {
    for flags in [&[][..], &["--verbose"], &["--quiet"], &["--json"]] {
        let output = stack.command(flags).args(arguments).output().unwrap();
        let [out, err] = texts(&output);
        assert_eq!(output.status.code(), Some(code), "{flags:?}: {out}{err}");
        is_harmless(&out);
        is_harmless(&err);
        if flags == ["--json"] {
            is_json(&out);
            is_json(&err);
        }
        let is_told = flags != ["--quiet"] || code != 0;
        assert!(!is_told || (out.clone() + &err).contains(says), "no `{says}` in {out}{err}");
    }
    let line = format!("{} --lang en {}", env!("CARGO_BIN_EXE_backstay"), arguments.join(" "));
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]).current_dir(stack.path());
    script.env("BACKSTAY_STATE", stack.state());
    match script.stdin(Stdio::null()).env("TERM", "xterm").output() {
        Err(_) => eprintln!("not tried on a terminal: there is no `script`"),
        Ok(output) => {
            let [out, _] = texts(&output);
            assert!(out.contains("\r\n"), "it was no terminal: {out:?}");
            is_harmless(&without_own(&out));
        }
    }
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_release_that_says_them_and_fails() {
    let Some(stack) = Stack::new("h-words") else { return };
    let labels = format!("    labels: {{evil: {}}}\n", quoted());
    stack.mode("one", "ok").compose_file(&(inner("one") + &labels));
    stack.backstay(&["deploy"]).ends(0);
    stack.mode("one", "hostile exit:3");
    listen(&stack, &["deploy"], 10, "txt.exe");
    stack.mode("one", "hostile never-healthy");
    let output = stack.command(&["--verbose", "deploy", "--wait-timeout", "20"]).output().unwrap();
    let [out, err] = texts(&output);
    assert_eq!(output.status.code(), Some(10), "{out}{err}");
    is_harmless(&out);
    is_harmless(&err);
    let told = out.split("Last healthcheck output").nth(1).unwrap_or_default();
    assert!(told.contains("txt.exe"), "{out}");
}

#[test]
fn a_build_that_says_them_and_fails() {
    let Some(stack) = Stack::new("h-build") else { return };
    stack.mode("one", "hostile").compose_file(&inner("one"));
    let dockerfile = stack.read("Dockerfile");
    let run = "RUN [\"/demo-server\", \"oneshot\", \"9\"]\nENTRYPOINT";
    stack.write("Dockerfile", &dockerfile.replace("ENTRYPOINT", run));
    listen(&stack, &["deploy"], 10, "txt.exe");
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_stack_that_says_them_and_runs() {
    let Some(stack) = Stack::new("h-runs") else { return };
    let values = format!("{{evil: {}}}", quoted());
    let service = inner("one") + &format!("    labels: {values}\n    environment: {values}\n");
    let dockerfile = stack.read("Dockerfile");
    let label = String::from_utf8_lossy(HOSTILE).replace(['\0', '"', '\\', '$'], "");
    stack.write("Dockerfile", &format!("{dockerfile}LABEL evil=\"{label}\"\n"));
    stack.mode("one", "hostile").compose_file(&service);
    stack.backstay(&["deploy"]).ends(0);
    for arguments in [&["status"][..], &["backups"], &["report", "-o", "out.tar.gz"]] {
        listen(&stack, arguments, 0, "");
    }
    let doctor = stack.command(&["doctor"]).output().unwrap();
    texts(&doctor).iter().for_each(|text| is_harmless(text));
    // A name that Compose itself quotes.
    stack.compose_file(&format!("  {}:\n    image: x\n", quoted()));
    listen(&stack, &["deploy"], 3, "");
}
