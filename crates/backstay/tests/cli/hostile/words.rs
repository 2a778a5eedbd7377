//! What an engine and Compose say, where somebody else has a hand in it.

use serde_json::json;

use super::canary::{is_json, run, some};
use crate::machine::Machine;

/// A machine on which everything that has a name has this one.
fn machine(words: &str) -> Machine {
    let container = json!({
        "Id": "abc", "Names": [format!("/{words}")], "Name": format!("/{words}"), "Image": words,
        "Config": {"Image": words, "Env": [], "Tty": true, "Labels": {
            "com.docker.compose.project": "shop", "com.docker.compose.service": words,
            "com.docker.compose.config-hash": words, words: words}},
        "Labels": {"com.docker.compose.project": words},
        "Ports": [{"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 61091, "Type": "tcp"}],
        "State": {"Status": "running", "Health": {"Status": "unhealthy", "Log": [{"Output": words}]}},
    });
    let name = serde_json::to_string(words).unwrap();
    let model = format!(
        "name: shop\nservices:\n  {name}:\n    image: {name}\n    labels: {{{name}: {name}}}\n    \
         ports: [{{target: 80, published: \"61091\", protocol: tcp}}]\n"
    );
    let info = json!({"ServerVersion": words, "OperatingSystem": words, "Warnings": [words]});
    Machine::new(&model, &info, &[(container, words)])
}

const LINES: [&str; 8] = [
    "status",
    "doctor",
    "deploy --dry-run",
    "deploy --yes",
    "rollback --yes",
    "backups",
    "report -o out.tar.gz",
    "cert check",
];

#[test]
fn names_and_labels_of_containers_reach_the_screen_without_their_power() {
    for words in some() {
        let machine = machine(&words);
        for line in LINES {
            for json in ["", "--json", "--quiet", "--verbose"] {
                let what = format!("{line} {json} {words:?}");
                let said = run(&mut machine.command(&format!("--lang en {json} {line}")), &what);
                if json == "--json" {
                    is_json(&said.stdout, &what);
                    is_json(&said.stderr, &what);
                }
            }
        }
    }
}

#[test]
fn what_compose_complains_of_reaches_the_screen_without_its_power() {
    for words in some() {
        let machine = machine("web");
        machine.refuses(&words);
        for line in LINES {
            for json in ["", "--json"] {
                let what = format!("{line} {json} {words:?}");
                let said = run(&mut machine.command(&format!("--lang en {json} {line}")), &what);
                if !json.is_empty() {
                    is_json(&said.stdout, &what);
                    is_json(&said.stderr, &what);
                }
            }
        }
    }
}

#[test]
fn files_beside_the_stack_with_hostile_names_are_named_without_their_power() {
    for words in some() {
        let machine = Machine::new("name: shop\nservices: {}\n", &json!({}), &[]);
        let name = words.replace('/', "_");
        machine.write(&format!(".env.{name}"), "A=1\n");
        machine.write(&format!(".backup/{name}/release.json"), "{}");
        machine.write(&format!(".backup/20240129_143052/{name}"), "");
        machine.write(&format!(".backup/journal/{name}.jsonl"), "x\n");
        machine.write(&format!(".backup/vault/images/sha256-{name}.json"), "x\n");
        for line in LINES.iter().chain(&["backups verify", "recover", "deploy --env nosuch"]) {
            for json in ["", "--json"] {
                let what = format!("{line} {json} {words:?}");
                let said = run(&mut machine.command(&format!("--lang en {json} {line}")), &what);
                if !json.is_empty() {
                    is_json(&said.stdout, &what);
                    is_json(&said.stderr, &what);
                }
            }
        }
    }
}
