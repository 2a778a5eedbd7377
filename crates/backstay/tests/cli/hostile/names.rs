//! Names and paths of releases, and other arguments, as somebody hostile would give them.

use std::os::unix::fs::symlink;

use serde_json::json;

use super::canary::{Canary, is_json, kept, run, some};
use crate::machine::Machine;

const MODEL: &str = "name: shop\nservices: {}\n";

fn machine(canary: &Canary) -> Machine {
    let machine = Machine::new(MODEL, &json!({}), &[]);
    machine.write(".backup/20240129_143052/docker-compose.yml", "services: {}\n");
    machine.write(".backup/journal/.keep", "");
    symlink(canary.path(), machine.place.path().join(".backup/20240130_000000")).unwrap();
    machine
}

#[test]
fn a_name_that_leads_elsewhere_is_refused_and_touches_nothing() {
    let canary = Canary::new();
    let machine = machine(&canary);
    let outside = canary.path().display().to_string();
    let long = "x/".repeat(3000);
    let mut names: Vec<String> = [
        "../../x",
        ".backup/../../etc",
        ".backup/..",
        "/",
        "/etc",
        "/etc/passwd",
        "..",
        ".backup/20240129_143052/../../..",
        ".backup/journal",
        ".backup/current",
        "journal",
        "vault",
        ".backup/20240130_000000/20240129_143052",
        "",
    ]
    .map(str::to_owned)
    .to_vec();
    names.extend([outside.clone(), format!("{outside}/20240129_143052"), long]);
    names.extend(some());
    names.extend(some().map(|words| format!(".backup/{words}")));
    let before = kept(machine.place.path());
    for name in &names {
        for verb in [
            "backups show",
            "backups remove --yes",
            "rollback --yes",
            "rollback --yes --dry-run",
            "rollback --yes --updates",
        ] {
            for json in [false, true] {
                let what = format!("{verb} {name:.40?}");
                let mut command = machine.command("--lang en");
                command.args(json.then_some("--json")).args(verb.split(' ')).arg("--").arg(name);
                let said = run(&mut command, &what);
                assert_eq!((said.code, said.stdout.as_str()), (7, ""), "{what}: {}", said.stderr);
                if json {
                    is_json(&said.stderr, &what);
                    assert_eq!(said.stderr.lines().count(), 1, "{what}: {}", said.stderr);
                }
                canary.lives(&what);
                assert_eq!(kept(machine.place.path()), before, "{what}");
            }
        }
    }
}

#[test]
fn a_backup_that_is_a_link_is_refused_and_only_the_link_is_removed() {
    let canary = Canary::new();
    let machine = machine(&canary);
    for name in ["20240130_000000", ".backup/20240130_000000", "1"] {
        for verb in ["backups show", "rollback --yes"] {
            let mut command = machine.command("--lang en");
            let said = run(command.args(verb.split(' ')).arg(name), name);
            assert_eq!(said.code, 7, "{verb} {name}: {}", said.stderr);
            assert!(said.stderr.contains("20240130_000000` is damaged: it is a link"), "{name}");
            canary.lives(name);
        }
    }
    let link = machine.place.path().join(".backup/20240130_000000");
    assert_eq!(run(&mut machine.command("backups remove --yes 20240130_000000"), "it").code, 0);
    assert!(!link.is_symlink());
    canary.lives("the removal of the link");
}

#[test]
fn arguments_of_any_kind_come_back_harmless() {
    let canary = Canary::new();
    let machine = machine(&canary);
    let words = ["\u{feff}".to_owned(), "x".repeat(5_000)];
    let before = kept(machine.place.path());
    for word in some().into_iter().chain(words) {
        let given: [&[&str]; 13] = [
            &["-f", &word, "deploy", "--yes"],
            &["--project-directory", &word, "status"],
            &["--env-file", &word, "deploy", "--yes"],
            &["-p", &word, "status"],
            &["--profile", &word, "backups"],
            &["deploy", "--env", &word],
            &["update", "--yes", &word],
            &["deploy", "--wait-timeout", &word],
            &["deploy", "--monitor", &word],
            &[&word],
            &["cert", "check", &word],
            &["--lang", &word, "version"],
            &[&format!("--{word}"), "deploy"],
        ];
        for arguments in given {
            for json in [false, true] {
                let mut command = machine.command("");
                command.args(json.then_some("--json")).args(arguments);
                let what = format!("{:.60}", format!("{arguments:?}"));
                let said = run(&mut command, &what);
                assert!(said.code <= 10, "{what}: {}", said.code);
                if json {
                    is_json(&said.stderr, &what);
                }
                canary.lives(&what);
            }
        }
    }
    assert_eq!(kept(machine.place.path()), before);
}
