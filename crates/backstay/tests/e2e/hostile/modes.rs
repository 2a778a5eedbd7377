//! What is kept is for its owner alone, whatever the umask.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use crate::harness::{Run, Stack, inner};

/// The program under a umask, with a folder of its own for temporary files.
fn run(stack: &Stack, umask: &str, temporary: &Path, arguments: &[&str]) -> Run {
    let program = stack.command(arguments);
    let mut command = std::process::Command::new("sh");
    command.args(["-c", &format!("umask {umask}; exec \"$0\" \"$@\"")]);
    command.arg(program.get_program()).args(program.get_args()).current_dir(stack.path());
    command.env("TMPDIR", temporary).env("BACKSTAY_STATE", stack.state()).stdin(Stdio::null());
    Run::new(arguments, &command.output().unwrap())
}

/// The entries below a folder with their modes.
fn modes(folder: &Path) -> Vec<(String, bool, u32)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        let data = fs::symlink_metadata(&next).unwrap();
        assert!(!data.is_symlink(), "{} is a link", next.display());
        found.push((next.display().to_string(), data.is_dir(), data.permissions().mode() & 0o7777));
        if data.is_dir() {
            open.extend(fs::read_dir(&next).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
    found
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn all_that_is_kept_has_private_modes() {
    let Some(stack) = Stack::new("h-modes") else { return };
    let temporary = tempfile::tempdir().unwrap();
    fs::set_permissions(temporary.path(), fs::Permissions::from_mode(0o777)).unwrap();
    stack.mode("one", "ok").mode("two", "ok").compose_file(&(inner("one") + &inner("two")));
    let env = stack.path().join(".env");
    for (number, umask) in ["000", "077"].into_iter().enumerate() {
        let version = |step: usize| format!("VERSION={}\n", number * 10 + step);
        stack.write(".env", &version(1));
        fs::set_permissions(&env, fs::Permissions::from_mode(0o640)).unwrap();
        let ends =
            |arguments: &[&str], code| run(&stack, umask, temporary.path(), arguments).ends(code);
        ends(&["deploy"], 0);
        stack.write(".env", &version(2));
        if number == 0 {
            stack.mode("one", "exit:3");
            ends(&["deploy"], 10);
            stack.mode("one", "ok");
        }
        ends(&["update", "--yes", "one"], 0);
        fs::set_permissions(&env, fs::Permissions::from_mode(0o600)).unwrap();
        ends(&["rollback", "--yes"], 0);
        let found = modes(&stack.path().join(".backup/.."));
        assert!(found.iter().any(|(path, ..)| path.contains("/vault/blobs/")), "{found:?}");
        assert!(found.iter().any(|(path, ..)| path.contains("/update_")), "{found:?}");
        for (path, is_folder, mode) in found {
            let wanted = if is_folder { 0o700 } else { 0o600 };
            assert_eq!(mode, wanted, "umask {umask}: {path} has mode {mode:o}");
        }
        // The user's own file has the mode that it had.
        assert_eq!(stack.read(".env"), version(1));
        assert_eq!(fs::metadata(&env).unwrap().permissions().mode() & 0o777, 0o640);
        let left: Vec<String> =
            modes(temporary.path()).into_iter().map(|(path, ..)| path).collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }
}
