//! Files outside of the stack: compared, never copied, shown or written.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::harness::{Stack, inner};

const CONFIG: &str = "config-pl4nted-outside";
const SECRET: &str = "secret-pl4nted-outside";
const VARIABLE: &str = "variable-pl4nted-outside";

/// Mode, time of writing and content of each file in a folder.
fn tree(folder: &Path) -> BTreeMap<PathBuf, (u32, i64, i64, Vec<u8>)> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let data = fs::symlink_metadata(&path).unwrap();
            let content = if data.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
            if data.is_dir() {
                open.push(path.clone());
            }
            found.insert(path, (data.mode(), data.mtime(), data.mtime_nsec(), content));
        }
    }
    found
}

/// What is known of a file that nobody should read here.
fn shadow() -> (u32, u64, i64, i64) {
    let data = fs::metadata("/etc/shadow").unwrap();
    (data.mode(), data.len(), data.mtime(), data.mtime_nsec())
}

fn private(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_stack_that_names_them_keeps_none_and_writes_none() {
    let Some(stack) = Stack::new("h-outside") else { return };
    let outside = tempfile::tempdir().unwrap();
    let place = |name: &str| outside.path().join(name);
    private(&place("config"), &format!("{CONFIG}\n"));
    private(&place("secret"), &format!("{SECRET}\n"));
    private(&place("vars.env"), &format!("PLANTED_PASSWORD={VARIABLE}\n"));
    let shadow_before = shadow();
    let folder = outside.path().display();
    let compose = inner("one")
        + &format!(
            "    env_file: [{folder}/vars.env, {{path: /etc/shadow, required: false, format: raw}}]\n"
        )
        + "    configs: [c, shadow]\n    secrets: [s, shadow]\nconfigs:\n"
        + &format!("  c: {{file: {folder}/config}}\n  shadow: {{file: /etc/shadow}}\nsecrets:\n")
        + &format!("  s: {{file: {folder}/secret}}\n  shadow: {{file: /etc/shadow}}\n");
    // This Compose may not know the format of an env file: then the file is none of it.
    let plain = compose.replace(", {path: /etc/shadow, required: false, format: raw}", "");
    stack.mode("one", "ok").write(".env", "VERSION=1\n").compose_file(&plain);
    let mut said = String::new();
    let mut run =
        |arguments: &[&str], code: i32| said += &stack.backstay(arguments).ends(code).screen;
    run(&["deploy"], 0);
    stack.write(".env", "VERSION=2\n");
    run(&["--json", "deploy"], 0);
    // Somebody changes them meanwhile.
    private(&place("config"), "replaced-pl4nted\n");
    let before = tree(outside.path());
    // What lies far away is never written; who goes back is told that it stays otherwise.
    run(&["rollback", "--yes"], 7);
    for arguments in [
        &["status"][..],
        &["--json", "status"],
        &["backups", "show", "1"],
        &["--json", "backups", "show", "1"],
        &["backups", "verify"],
        &["--verbose", "rollback", "--dry-run", "--leave-files"],
        &["--json", "rollback", "--yes", "--leave-files"],
        &["--verbose", "deploy"],
        &["--verbose", "rollback", "--yes", "--leave-files", "r1"],
    ] {
        run(arguments, 0);
    }
    assert!(said.contains("not-brought-back"), "{said}");
    assert_eq!(tree(outside.path()), before);
    assert_eq!(shadow(), shadow_before);
    let hashes = fs::read_to_string("/etc/shadow").unwrap();
    let hashes: Vec<&str> =
        hashes.lines().filter_map(|line| line.split(':').nth(1)).filter(|h| h.len() > 8).collect();
    for value in [CONFIG, SECRET, VARIABLE, "replaced-pl4nted"].iter().chain(&hashes) {
        assert!(!said.contains(value), "`{value}` in:\n{said}");
    }
    // What Compose puts into the model is kept there and in the containers' records, and nowhere else.
    for (path, (mode, _, _, content)) in tree(&stack.path().join(".backup/..")) {
        let text = String::from_utf8_lossy(&content);
        let name = path.display();
        assert!(mode & 0o077 == 0, "{name} has mode {mode:o}");
        for value in [CONFIG, SECRET, "replaced-pl4nted"].iter().chain(&hashes) {
            assert!(!text.contains(value), "`{value}` is in {name}");
        }
        let has_model = path.ends_with("model.yml") || path.ends_with("containers.json");
        assert!(has_model || !text.contains(VARIABLE), "`{VARIABLE}` is in {name}");
    }
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_link_in_the_stack_leads_no_rollback_outside() {
    let Some(stack) = Stack::new("h-links") else { return };
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("app.ini"), "outside\n").unwrap();
    private(&outside.path().join("env"), "VERSION=7\n");
    fs::create_dir(stack.path().join("conf")).unwrap();
    let compose = inner("one") + "    configs: [c]\nconfigs: {c: {file: ./conf/app.ini}}\n";
    stack.mode("one", "ok").write("conf/app.ini", "one\n").write(".env", "VERSION=1\n");
    stack.compose_file(&compose);
    stack.backstay(&["deploy"]).ends(0);
    stack.write("conf/app.ini", "two\n").write(".env", "VERSION=2\n");
    stack.backstay(&["deploy"]).ends(0);

    // A folder on the way, and the file itself.
    let before = tree(outside.path());
    let running = stack.picture().containers;
    let moved = stack.path().join("conf.moved");
    fs::rename(stack.path().join("conf"), &moved).unwrap();
    symlink(outside.path(), stack.path().join("conf")).unwrap();
    stack.backstay(&["rollback", "--yes"]).ends(7).says("conf/app.ini");
    fs::remove_file(stack.path().join("conf")).unwrap();
    fs::rename(&moved, stack.path().join("conf")).unwrap();
    fs::remove_file(stack.path().join(".env")).unwrap();
    symlink(outside.path().join("env"), stack.path().join(".env")).unwrap();
    stack.backstay(&["rollback", "--yes"]).ends(7).says(".env");
    assert_eq!(stack.picture().containers, running);
    assert_eq!(tree(outside.path()), before);

    // A deployment uses what the link leads to, and leaves it there.
    stack.backstay(&["deploy"]).ends(0);
    assert!(stack.path().join(".env").is_symlink());
    assert_eq!(tree(outside.path()), before);
    // A folder of copies that is a link is one that is damaged.
    let backups = stack.path().join(".backup");
    let has_files = |entry: &fs::DirEntry| entry.path().join("files").is_dir();
    let entries = fs::read_dir(&backups).unwrap().map(Result::unwrap);
    let kept = entries.filter(has_files).map(|entry| entry.file_name());
    let mut kept: Vec<String> = kept.map(|name| name.to_string_lossy().into_owned()).collect();
    kept.sort();
    let files = backups.join(&kept[0]).join("files");
    fs::rename(&files, outside.path().join("files")).unwrap();
    symlink(outside.path().join("files"), &files).unwrap();
    let before = tree(outside.path());
    let run = stack.backstay(&["rollback", "--yes", &kept[0]]).ends(7);
    run.says("files` is damaged: it is a link");
    stack.backstay(&["backups", "remove", "--yes", &kept[0]]);
    assert_eq!(tree(outside.path()), before);
}
