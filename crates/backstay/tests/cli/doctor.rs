//! `backstay doctor`

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use backstay_core::event::{Cause, Event, Failure, Outcome, RunKind};
use backstay_core::journal::Journal;
use backstay_core::lock::{FileLocks, Holder, Locks};
use backstay_core::plan::Step;
use backstay_core::plan::Undo;
use backstay_core::release::{Origin, Release, VERSION, write_release};
use backstay_core::stack::StackRef;
use backstay_core::store::DiskStore;
use serde_json::{Value, json};

use crate::harness::Place;
use crate::machine::{Machine, nobody, registry};

fn image(reference: &str) -> String {
    format!("name: shop\nservices:\n  web:\n    image: {reference}\n")
}

fn plain() -> Machine {
    Machine::new("name: shop\nservices: {}\n", &json!({}), &[])
}

/// Makes `.backup/` with its modes.
fn records(machine: &Machine) -> std::path::PathBuf {
    let root = machine.place.path().join(".backup");
    std::fs::create_dir_all(root.join("journal")).unwrap();
    for folder in [root.clone(), root.join("journal")] {
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).unwrap();
    }
    root
}

/// Begins a run and does not end it.
fn begin(root: &Path, run: &str) {
    let path = root.join("journal").join(format!("{run}.jsonl"));
    let event = Event::RunStarted {
        run: run.to_owned(),
        kind: RunKind::Deploy,
        project: "shop".to_owned(),
        directory: None,
        pid: 1,
        target: None,
        previous: None,
    };
    let mut journal = Journal::create(path, Arc::new(DiskStore));
    journal.append("2026-01-01T00:00:00Z".to_owned(), event).unwrap();
}

#[test]
fn without_an_engine_and_a_stack_it_says_what_it_can() {
    let said = Place::new().run("--lang en doctor");
    assert_eq!(said.code, 4, "{}", said.stdout);
    let first = said.stdout.lines().next().unwrap();
    assert!(first.starts_with("✗ Docker is not "), "{first}");
    assert!(said.stdout.contains("→ "), "{}", said.stdout);
    assert!(said.stdout.contains("! there is no compose file here: only the machine is checked"));
    assert!(!said.stdout.contains("Host ports"), "{}", said.stdout);
}

#[test]
fn a_stack_that_was_named_and_is_not_there_is_broken() {
    let said = plain().run("doctor -f none.yml");
    assert_eq!(said.code, 3, "{}", said.stdout);
    assert!(said.stdout.contains("none.yml"), "{}", said.stdout);
}

#[test]
fn where_all_is_well_each_check_is_one_line() {
    let address = registry();
    let model = image(&format!("{address}/a/web:1"));
    let machine = Machine::new(&model, &json!({}), &[]);
    let said = machine.run("--lang en doctor");
    assert_eq!(said.code, 0, "{}", said.stdout);
    let lines: Vec<&str> = said.stdout.lines().filter(|line| !line.contains("free in")).collect();
    assert!(lines[0].starts_with("✓ Docker 26.1.5 (API 1.45) at unix://"), "{}", lines[0]);
    assert_eq!(lines[1], "✓ Docker Compose 2.26.1");
    assert_eq!(lines[2], "✓ buildx 0.13.1");
    assert_eq!(lines[3], "✓ Stack shop: 1 service from docker-compose.yml");
    assert!(lines[7].starts_with(&format!("✓ {address} answers in ")), "{}", lines[7]);
    assert_eq!((lines.len(), lines[8]), (10, ""));
}

#[test]
fn a_port_says_which_process_has_it() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let model = format!(
        "name: shop\nservices:\n  web:\n    image: x\n    build: {{context: /nowhere}}\n    ports: [{{target: 80, published: \"{port}\", host_ip: 127.0.0.1, protocol: tcp}}]\n"
    );
    let machine = Machine::new(&model, &json!({}), &[]);
    let said = machine.run("--lang en doctor");
    assert_eq!(said.code, 6, "{}", said.stdout);
    let found = machine.findings("", "ports");
    assert_eq!(found[0]["level"], "bad");
    if cfg!(target_os = "linux") {
        let pid = std::process::id();
        assert_eq!(found[0]["facts"]["holder"]["pid"], pid);
        assert!(said.stdout.contains(&format!("is taken by process {pid} (`")), "{}", said.stdout);
    }
    drop(listener);
    assert_eq!(machine.findings("", "ports")[0]["level"], "good");
}

#[test]
fn a_port_says_which_container_of_which_project_has_it() {
    let other = json!({
        "Id": "abc", "Names": ["/other-web-1"], "Name": "/other-web-1",
        "Labels": {"com.docker.compose.project": "other"},
        "Ports": [{"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 61080, "Type": "tcp"}],
    });
    let model = "name: shop\nservices:\n  web:\n    image: x\n    build: {context: /nowhere}\n    ports: [{target: 80, published: \"61080\", protocol: tcp}]\n";
    let said = Machine::new(model, &json!({}), &[(other, "")]).run("--lang en doctor");
    assert_eq!(said.code, 6);
    let line =
        "✗ port 61080/tcp of service web is taken by container `other-web-1` of project other";
    assert!(said.stdout.contains(line), "{}", said.stdout);
}

#[test]
fn open_modes_are_told_with_the_command_that_closes_them() {
    let machine = plain();
    let root = records(&machine);
    assert_eq!(machine.findings("", "permissions")[0]["level"], "good");
    std::fs::write(root.join("lock"), "").unwrap();
    std::fs::set_permissions(root.join("lock"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let said = machine.run("--lang en doctor");
    assert_eq!(said.code, 0, "a warning is no error: {}", said.stdout);
    assert!(said.stdout.contains("! 1 entry of the backups is open to other users\n    FOLDER/.backup/lock\n    → backups hold passwords: `chmod -R go= 'FOLDER/.backup'`"), "{}", said.stdout);
}

#[test]
fn runs_that_go_on_and_runs_that_were_interrupted_differ() {
    let machine = plain();
    let root = records(&machine);
    assert_eq!(machine.findings("", "runs")[0]["level"], "good");
    begin(&root, "20240129_143052");
    let found = machine.findings("", "runs");
    assert_eq!(found[0]["level"], "warning");
    assert_eq!(found[0]["facts"]["run"], "20240129_143052");
    let holder =
        Holder::this_process("machine", "backstay deploy", "2024-01-29T14:30:52Z".to_owned());
    let guard = FileLocks.acquire(&root.join("lock"), &holder).unwrap();
    let found = machine.findings("", "runs");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["facts"]["pid"], std::process::id());
    drop(guard);
    assert_eq!(machine.findings("", "runs")[0]["facts"]["run"], "20240129_143052");
}

#[test]
fn a_run_that_is_stuck_has_its_own_code() {
    let machine = plain();
    let root = records(&machine);
    begin(&root, "20240129_143052");
    let path = root.join("journal/20240129_143052.jsonl");
    let (mut journal, _) = Journal::open(path, Arc::new(DiskStore)).unwrap();
    let failure = Failure::new(Cause::Interrupted);
    for event in [
        Event::StepStarted { index: 0, step: Step::Backup, undo: Undo::Nothing },
        Event::UnwindStarted { failure },
        Event::UndoFailed {
            index: 0,
            error: "no".to_owned(),
            lost_count: false,
            remains: Vec::new(),
        },
        Event::Finished { outcome: Outcome::Stuck },
    ] {
        journal.append("2026-01-01T00:00:00Z".to_owned(), event).unwrap();
    }
    let said = machine.run("--lang en doctor");
    assert_eq!(said.code, 12, "{}", said.stdout);
    assert!(
        said.stdout.contains("✗ the run 20240129_143052 could not be undone"),
        "{}",
        said.stdout
    );
}

#[test]
fn a_damaged_journal_and_a_damaged_backup_are_told_with_their_place() {
    let machine = plain();
    let root = records(&machine);
    begin(&root, "20240129_143052");
    let path = root.join("journal/20240129_143052.jsonl");
    let text = std::fs::read_to_string(&path).unwrap().replace("shop", "shoq");
    std::fs::write(&path, text).unwrap();
    machine.write(".backup/20240128_120000/release.json", "{}");
    let said = machine.run("--lang en doctor");
    assert_eq!(said.code, 7, "{}", said.stdout);
    assert!(said.stdout.contains("20240129_143052.jsonl` is damaged at line 1"), "{}", said.stdout);
    assert!(said.stdout.contains("✗ the backup 20240128_120000 is damaged"), "{}", said.stdout);
}

/// A backup of a release without services.
fn backup(machine: &Machine, folder: &str) {
    let directory = machine.place.path();
    let release = Release {
        version: VERSION,
        id: "r1".to_owned(),
        sequence: 1,
        parent: None,
        created: "2024-01-28T12:00:00Z".to_owned(),
        origin: Origin::Deploy,
        project: "shop".to_owned(),
        engine: None,
        stack: StackRef { directory: directory.to_owned(), ..StackRef::default() },
        services: BTreeMap::new(),
        files: Vec::new(),
        networks: Vec::new(),
        differs: Vec::new(),
        parts: BTreeMap::new(),
    };
    let path = records(machine).join(folder);
    let model = "name: shop\nservices: {}\n";
    write_release(&path, release, &[], &[], model, None, &DiskStore).unwrap();
}

#[test]
fn a_backup_whose_model_or_containers_are_not_what_was_recorded_is_damaged() {
    let machine = plain();
    let folder = "20240128_120000";
    backup(&machine, folder);
    assert_eq!(machine.findings("", "backups")[0]["level"], "good");
    for part in ["model.yml", "containers.json"] {
        let path = machine.place.path().join(".backup").join(folder).join(part);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.clone() + " ").unwrap();
        let said = machine.run("--lang en doctor");
        assert_eq!(said.code, 7, "{part}: {}", said.stdout);
        let line = format!("✗ the backup {folder} is damaged: `{part}`: its digest does not match");
        assert!(said.stdout.contains(&line), "{part}: {}", said.stdout);
        std::fs::write(&path, text).unwrap();
    }
    assert_eq!(machine.findings("", "backups")[0]["level"], "good");
}

#[test]
fn a_clock_that_differs_is_a_warning() {
    let ahead = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    let info = json!({"SystemTime": ahead.to_string()});
    let machine = Machine::new("name: shop\nservices: {}\n", &info, &[]);
    let found = machine.findings("", "clock");
    assert_eq!(found[0]["level"], "warning");
    let skew = found[0]["facts"]["skew"].as_i64().unwrap();
    assert!((3500..=3600).contains(&skew), "{skew}");
    assert_eq!(plain().findings("", "clock")[0]["level"], "good");
}

#[test]
fn a_registry_that_is_gone_is_bad_and_one_that_asks_who_is_there_is_fine() {
    let (here, gone) = (registry(), nobody());
    let model = format!(
        "name: shop\nservices:\n  a:\n    image: {here}/a:1\n  b:\n    image: x\n    build: {{context: /nowhere, dockerfile_inline: \"FROM {gone}/b:1\"}}\n"
    );
    let machine = Machine::new(&model, &json!({}), &[]);
    let found = machine.findings("", "registries");
    let levels: Vec<(&Value, &Value)> =
        found.iter().map(|f| (&f["facts"]["registry"], &f["level"])).collect();
    assert!(levels.contains(&(&json!(here), &json!("good"))), "{levels:?}");
    assert!(levels.contains(&(&json!(gone), &json!("bad"))), "{levels:?}");
    assert_eq!(machine.run("doctor").code, 6);
}

#[test]
fn a_mirror_that_answers_is_enough_for_the_default_registry() {
    let mirror = format!("http://{}", registry());
    let registries = |mirrors: &[&str]| {
        let hub = json!({"Official": true, "Mirrors": mirrors, "Secure": true});
        json!({"RegistryConfig": {"IndexConfigs": {"hub.test": hub}}})
    };
    let with = Machine::new(&image("redis:7"), &registries(&[&mirror]), &[]);
    assert_eq!(with.findings("", "registries")[0]["facts"]["mirror"], mirror.as_str());
    let without = Machine::new(&image("redis:7"), &registries(&[]), &[]);
    assert_eq!(without.findings("", "registries")[0]["level"], "bad");
    let said = without.run("--lang en doctor");
    assert!(said.stdout.contains("give some with `--mirror URL`"), "{}", said.stdout);
}

#[test]
fn the_change_of_daemon_json_is_shown_and_made_only_when_asked_for() {
    let machine = Machine::new(&image("redis:7"), &json!({}), &[]);
    let text = "{\n    \"zeta\": 1,\n    \"alpha\": {\"b\": 2}\n}\n";
    machine.write("daemon.json", text);
    let path = machine.place.path().join("daemon.json");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let flags = "doctor --daemon-json daemon.json --mirror https://mirror.invalid";
    let said = machine.run(&format!("--lang en {flags}"));
    assert_eq!(said.code, 6, "{}", said.stdout);
    let diff = "--- daemon.json\n+++ daemon.json\n@@ -1,4 +1,7 @@\n {\n     \"zeta\": 1,\n-    \"alpha\": {\"b\": 2}\n+    \"alpha\": {\"b\": 2},\n+    \"registry-mirrors\": [\n+        \"https://mirror.invalid\"\n+    ]\n }\n";
    assert!(said.stdout.contains(diff), "{}", said.stdout);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);

    let said = machine.run(&format!("--lang en {flags} --fix"));
    assert!(said.stdout.contains("✓ Wrote daemon.json"), "{}", said.stdout);
    let new = std::fs::read_to_string(&path).unwrap();
    assert_eq!(
        new,
        "{\n    \"zeta\": 1,\n    \"alpha\": {\"b\": 2},\n    \"registry-mirrors\": [\n        \"https://mirror.invalid\"\n    ]\n}\n"
    );
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    let copies: Vec<String> = std::fs::read_dir(machine.place.path())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("daemon.json."))
        .map(|entry| std::fs::read_to_string(entry.path()).unwrap())
        .collect();
    assert_eq!(copies, [text]);
    let said = machine.run(&format!("--lang en {flags} --fix"));
    assert!(said.stdout.contains("in `daemon.json` already"), "{}", said.stdout);
}

#[test]
fn the_stack_may_name_the_mirrors() {
    let model = image("redis:7") + "x-backstay: {registry-mirrors: [\"https://mirror.invalid\"]}\n";
    let machine = Machine::new(&model, &json!({}), &[]);
    let said = machine.run("--lang en doctor --daemon-json new.json --fix");
    assert_eq!(said.code, 6, "{}", said.stdout);
    let new = std::fs::read_to_string(machine.place.path().join("new.json")).unwrap();
    assert_eq!(new, "{\n  \"registry-mirrors\": [\n    \"https://mirror.invalid\"\n  ]\n}\n");
    let model =
        image("redis:7") + "x-backstay: {registry-mirrors: \"https://a.invalid,b.invalid\"}\n";
    let said = Machine::new(&model, &json!({}), &[]).run("--lang en doctor");
    assert_eq!(said.code, 3, "{}", said.stderr);
    assert!(said.stderr.contains("`x-backstay.registry-mirrors` is not a list"), "{}", said.stderr);
    let said = Place::new().run("--lang en doctor --mirror ftp://x");
    assert_eq!(said.code, 2, "{}", said.stderr);
}

#[test]
fn a_daemon_json_that_is_none_is_left_alone() {
    let machine = plain();
    machine.write("daemon.json", "{\n  \"a\": 1,,\n}\n");
    let flags = "--mirror https://mirror.invalid --daemon-json daemon.json --fix";
    let said = machine.run(&format!("--lang en doctor {flags}"));
    assert_eq!(said.code, 6, "{}", said.stdout);
    assert!(
        said.stderr.contains("`daemon.json` is not valid JSON at line 2, column 10"),
        "{}",
        said.stderr
    );
    let text = std::fs::read_to_string(machine.place.path().join("daemon.json")).unwrap();
    assert_eq!(text, "{\n  \"a\": 1,,\n}\n");
    assert_eq!(std::fs::read_dir(machine.place.path()).unwrap().count(), 2, "no copy was made");
}

#[test]
fn what_compose_says_of_a_mistake_holds_no_password() {
    let machine = plain();
    machine.write(".env", "DB_PASSWORD=pl4nted-secret\n");
    machine.refuses("services.web.ports.0: invalid port pl4nted-secret\n");
    for line in ["doctor", "doctor --json", "deploy", "deploy --dry-run --json"] {
        let said = machine.run(line);
        let all = said.stdout + &said.stderr;
        assert_eq!(said.code, 3, "{line}: {all}");
        assert!(!all.contains("pl4nted"), "{line}: {all}");
        assert!(all.contains("invalid port [redacted]"), "{line}: {all}");
    }
}

#[test]
fn chinese_says_the_same() {
    let machine = Machine::new(&image(&format!("{}/web:1", nobody())), &json!({}), &[]);
    let said = machine.run("--lang zh-CN doctor");
    assert!(
        said.stdout.contains("✓ 项目 shop：1 个服务，来自 docker-compose.yml"),
        "{}",
        said.stdout
    );
    assert!(said.stdout.contains("✗ 无法连接到 "), "{}", said.stdout);
    assert!(said.stdout.ends_with("发现 1 个问题。\n"), "{}", said.stdout);
}

#[test]
fn quiet_prints_what_is_broken_only() {
    let machine = Machine::new(&image(&format!("{}/web:1", nobody())), &json!({}), &[]);
    let said = machine.run("--lang en doctor --quiet");
    assert_eq!((said.code, said.stdout.as_str()), (6, ""));
    assert_eq!(said.stderr.lines().count(), 1, "{}", said.stderr);
}
