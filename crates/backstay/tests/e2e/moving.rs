//! A release in a file, from one machine to another.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::harness::{Run, Stack, page, port, web};

#[test]
fn an_exported_release_comes_back_on_an_engine_that_has_nothing() {
    let Some(stack) = Stack::new("mv-back") else { return };
    let port = port();
    stack.mode("one", "ok").compose_file(&web("one", port));
    for version in ["1", "2"] {
        stack.write(".env", &format!("VERSION={version}\n"));
        stack.backstay(&["deploy"]).ends(0);
    }
    let file = stack.path().join("shop.tar.zst");
    let name = file.to_str().unwrap();
    stack.backstay(&["backups", "export", "1", name]).ends(0).says("Exported");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let current = stack.path().join("current.tar.zst");
    stack.backstay(&["backups", "export", "current", current.to_str().unwrap()]).ends(0);
    // Neither the engine nor the state has anything of it.
    stack.clear();
    fs::remove_dir_all(stack.state()).unwrap();
    let empty = tempfile::Builder::new().prefix("backstay-t-").tempdir().unwrap();
    let there = |arguments: &[&str]| {
        let arguments = [&["-p", stack.project.as_str()], arguments].concat();
        let output = stack.command(&arguments).current_dir(empty.path()).output().unwrap();
        Run::new(&arguments, &output)
    };
    let whole = fs::read(&file).unwrap();
    let cut = stack.path().join("cut.tar.zst");
    fs::write(&cut, &whole[..whole.len() - 100]).unwrap();
    there(&["backups", "import", cut.to_str().unwrap()]).ends(7).says("cut short");
    there(&["backups", "list"]).ends(0).says("No backups yet");
    stack.backstay(&["-p", "other", "backups", "import", name]).ends(7).says(&stack.project);
    there(&["backups", "import", name]).ends(0).says("it is pinned");
    there(&["backups", "verify"]).ends(0);
    there(&["rollback", "1", "--yes"]).ends(0);
    assert_eq!(page(port, "/version").as_deref(), Some("1"));
    let env = fs::read_to_string(empty.path().join(".env")).unwrap();
    assert_eq!(env, "VERSION=1\n");
    // What ran there last is another one, and comes as the newest.
    there(&["backups", "import", current.to_str().unwrap()]).ends(0);
    there(&["backups", "verify"]).ends(0);
}
