//! `backstay report`

use std::collections::BTreeMap;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use base64ct::Encoding;
use serde_json::json;

use crate::harness::Place;
use crate::machine::Machine;

/// The files of an archive, without the folder that they are in.
fn unpacked(path: &Path) -> BTreeMap<String, String> {
    let file = std::fs::File::open(path).unwrap();
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(file));
    let entries = tar.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        assert_eq!(entry.header().mode().unwrap(), 0o600);
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        let path = entry.path().unwrap().to_string_lossy().into_owned();
        (path.split_once('/').unwrap().1.to_owned(), text)
    });
    entries.collect()
}

/// What is planted, each under the name of its place.
const PLANTED: [(&str, &str); 15] = [
    ("a variable of .env", "in dot env: ümlaut & 1"),
    ("an innocent variable of .env", "innocentvariable"),
    ("the environment", "in-environment-2"),
    ("a short word of the environment", "sixsix"),
    ("a password of a URL", "in-a-url-3"),
    ("a connection string", "in-a-connection-string-4"),
    ("a secret's file", "in-a-secret-file-5"),
    ("a line of a secret's file", "second-line-of-it-6"),
    ("a secret's variable", "in-a-secret-variable-7"),
    ("a config", "in-a-config-8"),
    ("a build argument", "in-a-build-argument-9"),
    ("a label", "in-a-label-10"),
    ("an extension", "in-an-extension-11"),
    ("the .env of an old backup", "in-an-old-backup-12"),
    ("the containers of an old backup", "in-old-containers-13"),
];

fn planted() -> Machine {
    let model = r#"
name: shop
services:
  web:
    image: shop-web
    build: {context: /nowhere, args: {PLAIN_ARG: "in-a-build-argument-9"}}
    environment:
      A: "in dot env: ümlaut & 1"
      PLAIN: in-environment-2
      SHORT: sixsix
      DATABASE: "postgres://me:in-a-url-3@db/x"
      CONNECTION: "Server=db;User=x;Password=in-a-connection-string-4;"
    labels: {com.example.token: in-a-label-10}
    secrets: [{source: a}, {source: b}]
secrets:
  a: {file: FOLDER/a.txt}
  b: {environment: SECRET_B}
configs:
  c: {content: "mode: in-a-config-8"}
x-backstay: {certificate: {password: in-an-extension-11}}
"#;
    let mut log = String::new();
    for (_, value) in PLANTED {
        let encoded = base64ct::Base64::encode_string(format!("user:{value}\n").as_bytes());
        let escaped = percent(value);
        log.push_str(&format!("plain {value}|basic {encoded}|url ?q={escaped}|{value:?}\n"));
    }
    log.push_str("GENERATED ROOT PASSWORD: unknown-to-all-14\nkept line\n");
    let container = json!({
        "Id": "abc", "Name": "/shop-web-1", "Image": "sha256:1",
        "Config": {"Image": "shop-web", "Env": ["PLAIN=in-environment-2"], "Tty": false, "Labels": {
            "com.docker.compose.project": "shop", "com.docker.compose.service": "web"}},
        "State": {"Status": "running", "Health": {"Status": "unhealthy", "Log": [
            {"Output": "curl http://me:in-a-url-3@web/ failed"}]}},
    });
    let machine = Machine::new("", &json!({}), &[(container, &log)]);
    let folder = machine.place.path().to_string_lossy().into_owned();
    machine.prints(&model.replace("FOLDER", &folder));
    machine.write(
        ".env",
        "A='in dot env: ümlaut & 1'\nB=innocentvariable\nSECRET_B=in-a-secret-variable-7\n",
    );
    machine.write("a.txt", "in-a-secret-file-5\nsecond-line-of-it-6\n");
    machine.write(".backup/20240128_120000/.env", "OLD=in-an-old-backup-12\n");
    machine.write(".backup/20240128_120000/docker-compose.yml", "services: {}\n");
    let containers = r#"[{"Config": {"Env": ["OLD=in-old-containers-13"]}}]"#;
    machine.write(".backup/20240128_120000/containers.json", containers);
    let words: Vec<&str> = PLANTED.iter().map(|(_, value)| *value).collect();
    let record = json!({"v": 1, "event": {"type": "x", "logs": words}});
    machine
        .write(".backup/journal/20240128_120000.jsonl", &format!("{record}\nno json {words:?}\n"));
    machine
}

fn percent(value: &str) -> String {
    let one = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    value.bytes().map(one).collect()
}

#[test]
fn nothing_that_was_planted_is_in_the_archive_in_any_form() {
    let machine = planted();
    let said = machine.run("--lang en report -o report.tar.gz");
    assert_eq!(said.code, 0, "{}", said.stderr);
    let path = machine.place.path().join("report.tar.gz");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let files = unpacked(&path);
    for name in [
        "report.txt",
        "doctor.jsonl",
        "docker-info.json",
        "model.json",
        "containers.json",
        "logs/shop-web-1.log",
        "backup.txt",
        "journal/20240128_120000.jsonl",
    ] {
        assert!(files.contains_key(name), "{name} is not in {:?}", files.keys());
        assert!(said.stdout.contains(name), "{}", said.stdout);
    }
    let screen = "the screen".to_owned();
    for (name, text) in files.iter().chain([(&screen, &said.stdout)]) {
        for (place, value) in PLANTED {
            for form in [value.to_owned(), percent(value), percent(value).to_lowercase()] {
                assert!(!text.contains(&form), "{place} is in {name}:\n{text}");
            }
            for shift in 0..3 {
                let bytes = [" ".repeat(shift).as_bytes(), value.as_bytes()].concat();
                let encoded = base64ct::Base64Unpadded::encode_string(&bytes);
                let piece = &encoded[(shift * 8).div_ceil(6)..bytes.len() * 8 / 6];
                assert!(piece.len() < 8 || !text.contains(piece), "{place} is in {name}:\n{text}");
            }
        }
        assert!(!text.contains("unknown-to-all-14"), "{text}");
    }
    // What is no secret stays.
    let log = &files["logs/shop-web-1.log"];
    assert_eq!(log.matches("plain [redacted]|").count(), PLANTED.len(), "{log}");
    assert!(log.ends_with("GENERATED ROOT PASSWORD: [redacted]\nkept line"), "{log}");
    assert!(files["model.json"].contains("shop-web"));
    assert!(files["backup.txt"].contains(".backup/20240128_120000/containers.json"));
    assert!(files["containers.json"].contains("unhealthy"));
    assert!(files["report.txt"].contains("backstay "));
}

#[test]
fn a_stack_that_is_broken_still_has_a_report() {
    let machine = planted();
    machine.refuses("yaml: line 3: in-a-broken-file\n");
    let said = machine.run("--lang zh-CN report -o r.tgz");
    assert_eq!(said.code, 0, "{}", said.stderr);
    let files = unpacked(&machine.place.path().join("r.tgz"));
    assert!(files["doctor.jsonl"].contains("in-a-broken-file"), "{}", files["doctor.jsonl"]);
    let journal = &files["journal/20240128_120000.jsonl"];
    for value in ["in dot env", "innocentvariable", "in-an-old-backup-12", "in-old-containers-13"] {
        assert!(!journal.contains(value), "{value} in {journal}");
    }
}

#[test]
fn without_a_stack_and_an_engine_it_is_about_the_machine() {
    let place = Place::new();
    let said = place.run("report --json");
    assert_eq!(said.code, 0, "{}", said.stderr);
    let line: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    let name = line["path"].as_str().unwrap();
    assert!(name.starts_with("backstay-report-machine-") && name.ends_with(".tar.gz"), "{name}");
    let files = unpacked(&place.path().join(name));
    assert_eq!(files.keys().collect::<Vec<_>>(), ["doctor.jsonl", "report.txt"]);
}

#[test]
fn an_archive_that_can_not_be_written_is_an_error_with_its_place() {
    let said = Place::new().run("--lang en report -o no/such/folder/r.tgz");
    assert_ne!(said.code, 0);
    assert!(said.stderr.contains("no/such/folder/r.tgz"), "{}", said.stderr);
}
