//! Records that somebody hostile wrote, with good digests and checksums.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use backstay_core::digest::digest;
use backstay_core::event::{Event, RunKind};
use backstay_core::journal::Journal;
use backstay_core::layout::Layout;
use backstay_core::plan::Step;
use backstay_core::plan::{SavedFile, Undo};
use backstay_core::release::{FileRecord, Origin, Release, ServiceRecord, VERSION, write_release};
use backstay_core::stack::StackRef;
use backstay_core::store::DiskStore;
use serde_json::{Value, json};

use super::canary::{Canary, Entry, is_json, kept, run, some};
use crate::machine::Machine;

const MODEL: &str = "name: shop\nservices: {web: {image: w}}\n";
const BACKUP: &str = "20240129_143052";
const IMAGE: &str = "sha256:aaaa";

fn machine() -> Machine {
    let machine = Machine::new(MODEL, &json!({"ID": "E1"}), &[]);
    machine.write(".env", "A=1\n");
    machine
}

fn layout(machine: &Machine) -> Layout {
    let place = machine.place.path();
    Layout::new(place.with_extension("state").join("E1").join("shop"), place)
}

/// A release, as good as it can be without a run.
fn release(machine: &Machine, name: &str) -> Release {
    let directory = machine.place.path().to_owned();
    let service = ServiceRecord {
        reference: name.to_owned(),
        image: IMAGE.to_owned(),
        content: None,
        pulled: None,
        fingerprint: "f".to_owned(),
        compose_hash: None,
        containers: vec!["c1".to_owned()],
    };
    Release {
        version: VERSION,
        id: "r1".to_owned(),
        sequence: 1,
        parent: None,
        created: "2024-01-29T06:30:52Z".to_owned(),
        origin: Origin::Deploy,
        project: "shop".to_owned(),
        engine: None,
        stack: StackRef {
            files: vec![directory.join("docker-compose.yml")],
            directory,
            ..StackRef::default()
        },
        services: BTreeMap::from([("web".to_owned(), service)]),
        files: Vec::new(),
        networks: Vec::new(),
        differs: Vec::new(),
        parts: BTreeMap::new(),
    }
}

fn file(path: &str) -> (FileRecord, Option<Vec<u8>>) {
    let content = b"services: {}\n".to_vec();
    let digest = Some(digest(&content));
    let path = path.to_owned();
    (
        FileRecord { path, stored: None, digest, mode: 0o644, outside: false, folder: None },
        Some(content),
    )
}

/// Writes a good backup, then its manifest anew as `change` makes it.
fn plant(machine: &Machine, change: impl FnOnce(&mut Release)) {
    let path = layout(machine).backup(BACKUP);
    let files = [file("docker-compose.yml"), file(".env")];
    let written =
        write_release(&path, release(machine, "w"), &files, &[], MODEL, None, &DiskStore).unwrap();
    let mut written = written;
    change(&mut written);
    std::fs::write(path.join("release.json"), written.encode().unwrap()).unwrap();
}

/// The stack's folder, and what is kept of it.
fn all(machine: &Machine) -> (BTreeMap<PathBuf, Entry>, BTreeMap<PathBuf, Entry>) {
    let mut state = kept(layout(machine).root());
    state.retain(|path, _| !path.ends_with("lock") && path != layout(machine).root());
    (kept(machine.place.path()), state)
}

/// Everything that reads a backup, as text and as JSON. Returns how each of them ended.
fn ask(machine: &Machine, canary: &Canary, what: &str) -> Vec<(i32, String)> {
    let mut ended = Vec::new();
    let before = all(machine);
    for line in [
        "rollback --yes 20240129_143052",
        "rollback --yes --dry-run 20240129_143052",
        "backups verify",
        "backups show 20240129_143052",
        "backups",
        "doctor",
        "status",
    ] {
        for json in ["", "--json"] {
            let said = run(&mut machine.command(&format!("--lang en {json} {line}")), what);
            if !json.is_empty() {
                is_json(&said.stdout, what);
                is_json(&said.stderr, what);
            }
            canary.lives(what);
            assert_eq!(all(machine), before, "{what}: {line}");
            ended.push((said.code, said.stdout + &said.stderr));
        }
    }
    ended
}

#[test]
fn files_that_belong_elsewhere_are_refused() {
    let canary = Canary::new();
    let outside = format!("{}/secret", canary.path().display());
    for path in ["../../outside", "/etc/cron.d/x", "conf/../../../x", "..", "", &outside] {
        let machine = machine();
        plant(&machine, |release| release.files[0].path = path.to_owned());
        let ended = ask(&machine, &canary, path);
        assert!(ended[..6].iter().all(|(code, _)| *code == 7), "{path}: {ended:?}");
    }
}

#[test]
fn copies_that_are_kept_elsewhere_are_refused() {
    let canary = Canary::new();
    let outside = format!("{}/secret", canary.path().display());
    for stored in ["../../../outside", "files/../../x", "/etc/passwd", "..", "", &outside] {
        let machine = machine();
        plant(&machine, |release| release.files[0].stored = Some(stored.to_owned()));
        let ended = ask(&machine, &canary, stored);
        assert!(ended[..6].iter().all(|(code, _)| *code == 7), "{stored}: {ended:?}");
    }
    // Not even where the file is said to be one that is never written.
    let machine = machine();
    plant(&machine, |release| {
        release.files[0].outside = true;
        release.files[0].path.clone_from(&outside);
        release.files[0].stored = Some("../../../outside".to_owned());
    });
    assert!(ask(&machine, &canary, "outside")[..6].iter().all(|(code, _)| *code == 7));
}

#[test]
fn parts_with_names_that_lead_elsewhere_are_refused() {
    let canary = Canary::new();
    for name in ["../../../x", "/etc/passwd", ".."] {
        let machine = machine();
        plant(&machine, |release| {
            release.parts.insert(name.to_owned(), digest(b""));
        });
        let ended = ask(&machine, &canary, name);
        assert!(ended[4..6].iter().all(|(code, _)| *code == 7), "{name}: {ended:?}");
    }
}

/// `images/<id>.json` with a good digest.
fn list(entries: &Value) -> String {
    let mut value = json!({"version": 1, "image": IMAGE, "entries": entries});
    value["digest"] = digest(value.to_string().as_bytes()).into();
    format!("{value}\n")
}

#[test]
fn images_whose_parts_are_elsewhere_are_refused() {
    let canary = Canary::new();
    let outside = format!("{}/secret", canary.path().display());
    let blob = |sha256: &str| json!({"path": "x", "mode": 420, "kind": "file", "sha256": sha256, "size": 21});
    let at = |path: &str| json!({"path": path, "mode": 420, "kind": "directory"});
    for entry in [
        blob("../../../x"),
        blob(&outside),
        blob("..\u{1b}[2J"),
        blob(&"A".repeat(64)),
        at("../../x"),
        at("/etc/cron.d/x"),
        at("a/../../x"),
        at("C:\\x"),
    ] {
        let machine = machine();
        plant(&machine, |_| {});
        let images = layout(&machine).vault().join("images");
        std::fs::create_dir_all(&images).unwrap();
        std::fs::write(images.join("sha256-aaaa.json"), list(&json!([entry]))).unwrap();
        let ended = ask(&machine, &canary, &entry.to_string());
        assert!(ended[..6].iter().all(|(code, _)| *code == 7), "{entry}: {ended:?}");
        assert!(ended[0].1.contains("sha256-aaaa.json"), "{ended:?}");
    }
}

#[test]
fn hostile_words_in_a_record_are_shown_without_their_power() {
    let canary = Canary::new();
    for words in some() {
        let machine = machine();
        let words = words.as_str();
        plant(&machine, |release| {
            let mut service = release.services["web"].clone();
            service.reference = words.to_owned();
            release.services.insert(words.to_owned(), service);
            release.id = words.to_owned();
            release.created = words.to_owned();
            release.project = words.to_owned();
            release.stack.profiles = vec![words.to_owned()];
            let path = format!("conf/{words}");
            release.files.push(FileRecord { path, digest: None, ..file("x").0 });
        });
        ask(&machine, &canary, words);
        // The same as the record of what runs.
        std::fs::rename(layout(&machine).backup(BACKUP), layout(&machine).current()).unwrap();
        ask(&machine, &canary, words);
    }
}

/// A run's journal, and the folder that says that it is open.
fn open_run(machine: &Machine, file: &str, run: &str, undo: Undo) {
    let layout = layout(machine);
    std::fs::create_dir_all(layout.work(file)).unwrap();
    let mut journal = Journal::create(layout.journal(file), Arc::new(DiskStore));
    let started = Event::RunStarted {
        run: run.to_owned(),
        kind: RunKind::Deploy,
        project: "shop".to_owned(),
        directory: None,
        pid: 1,
        target: None,
        previous: None,
    };
    for event in [started, Event::StepStarted { index: 0, step: Step::Files, undo }] {
        journal.append("2024-01-29T06:30:52Z".to_owned(), event).unwrap();
    }
}

#[test]
fn a_journal_can_not_lead_its_recovery_elsewhere() {
    let canary = Canary::new();
    let outside = canary.path().display().to_string();
    let saved = |name: &str| SavedFile { name: name.to_owned(), mode: 0o644, digest: None };
    let files = |path: &str, file: Option<SavedFile>| Undo::Files {
        written: Default::default(),
        saved: BTreeMap::from([(path.to_owned(), file)]),
        folders: vec![outside.clone(), format!("{outside}/deep/er")],
    };
    for undo in [
        Undo::Backup { folder: format!("../../../../../../../..{outside}") },
        Undo::Backup { folder: outside.clone() },
        Undo::Backup { folder: "..".to_owned() },
        Undo::Backup { folder: "journal/..".to_owned() },
        files(&outside, None),
        files(&format!("{outside}/secret"), None),
        files("../secret", Some(saved("0"))),
        files(".env", Some(saved(&format!("{outside}/secret")))),
        files(".env", Some(saved("../../../../etc/passwd"))),
    ] {
        let machine = machine();
        let what = format!("{undo:?}");
        open_run(&machine, "20240129_143052", "20240129_143052", undo);
        let said = run(&mut machine.command("--lang en recover"), &what);
        assert_eq!(said.code, 12, "{what}: {}{}", said.stdout, said.stderr);
        canary.lives(&what);
        assert_eq!(std::fs::read_to_string(machine.place.path().join(".env")).unwrap(), "A=1\n");
        assert!(machine.place.path().join("docker-compose.yml").exists());
    }
}

#[test]
fn a_run_has_the_name_of_its_journal() {
    let canary = Canary::new();
    let outside = canary.path().display().to_string();
    for name in [outside.as_str(), "../..", "../../..", "20240129_143053", "\x1b[2J"] {
        let machine = machine();
        open_run(&machine, "20240129_143052", name, Undo::Nothing);
        for line in ["recover", "deploy --yes", "backups verify"] {
            let said = run(&mut machine.command(&format!("--lang en {line}")), name);
            assert_eq!(said.code, 7, "{line}: {}{}", said.stdout, said.stderr);
            let text = said.stdout + &said.stderr;
            assert!(text.contains("20240129_143052.jsonl` is damaged at line 1"), "{text}");
            canary.lives(name);
        }
    }
}
