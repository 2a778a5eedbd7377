//! Data that a command of this machine encrypts before it comes to the disk.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use crate::harness::{Stack, port, web};

/// Bytes of the other half: twice is back again, and it fails where there is no file `key`.
const TURN: &str = "[sh, -c, 'test -e key || { echo no key here >&2; exit 4; }; LC_ALL=C tr \"\\000-\\377\" \"\\200-\\377\\000-\\177\"']";

fn stack(name: &str, port: u16, encrypt: &str) -> Option<Stack> {
    let stack = Stack::new(name)?;
    let data = format!(
        "    volumes: [\"./rows:/rows\"]\n    x-backstay: {{data: {{copy: {{consistency: none, compress: false}}, encrypt: {encrypt}}}}}\n"
    );
    stack.mode("app", "ok").compose_file(&(web("app", port) + &data)).write("key", "");
    fs::create_dir(stack.path().join("rows")).unwrap();
    stack.write("rows/mine", "rows that nobody may read\n");
    Some(stack)
}

fn files(stack: &Stack) -> Vec<PathBuf> {
    let backups = fs::read_dir(stack.path().join(".backup")).unwrap();
    let folders = backups.map(|entry| entry.unwrap().path());
    let files = folders.flat_map(|folder| fs::read_dir(folder).into_iter().flatten());
    let files = files.map(|entry| entry.unwrap().path());
    files.filter(|path| path.to_string_lossy().contains("_backup.")).collect()
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn what_is_saved_is_encrypted_and_comes_back() {
    let encrypt = format!("{{command: {TURN}, decrypt: {TURN}, suffix: turned}}");
    let Some(stack) = stack("srv-sealed", port(), &encrypt) else { return };
    stack.backstay(&["deploy", "--yes"]).ends(0);
    stack.backstay(&["data", "save"]).ends(0).says("app_backup.tar.turned");
    let found = files(&stack);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(fs::metadata(&found[0]).unwrap().mode() & 0o777, 0o600);
    let mut bytes = fs::read(&found[0]).unwrap();
    let has = |bytes: &[u8]| bytes.windows(9).any(|part| part == b"nobody ma");
    assert!(!has(&bytes), "it lies there as it was");
    bytes.iter_mut().for_each(|byte| *byte ^= 0x80);
    assert!(has(&bytes));
    stack.backstay(&["backups", "verify"]).ends(0);

    stack.write("rows/mine", "other rows\n");
    let before = stack.picture();
    // Without the key it is known before anything is touched.
    fs::remove_file(stack.path().join("key")).unwrap();
    stack.backstay(&["data", "restore", "--yes"]).says("exit code 4: no key here");
    let mut after = stack.picture();
    after.files.insert("key".to_owned(), Vec::new());
    assert_eq!(after, before);
    let run = stack.backstay(&["data", "save"]);
    assert!(run.code != Some(0), "{}", run.screen);
    run.says("encrypts it").says("no key here");
    assert_eq!(files(&stack), found);

    stack.write("key", "");
    stack.backstay(&["data", "restore", "--dry-run"]).ends(0).says("app");
    assert_eq!(stack.read("rows/mine"), "other rows\n");
    stack.backstay(&["data", "restore", "--yes"]).ends(0);
    assert_eq!(stack.read("rows/mine"), "rows that nobody may read\n");
    stack.backstay(&["data", "verify"]).ends(0);
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn what_nobody_here_can_decrypt_stays_where_it_is() {
    let Some(stack) = stack("srv-sealed-only", port(), TURN) else { return };
    stack.backstay(&["deploy", "--yes"]).ends(0);
    stack.backstay(&["data", "save"]).ends(0).says("app_backup.tar.enc");
    stack.backstay(&["data", "restore", "--yes"]).ends(7).says("encrypt.decrypt");
    let run = stack.backstay(&["data", "verify"]);
    assert!(run.code != Some(0), "{}", run.screen);
    run.says("encrypt.decrypt");
}
