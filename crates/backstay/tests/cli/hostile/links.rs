//! Links where a file or a folder should be.

use std::os::unix::fs::symlink;

use serde_json::json;

use super::canary::{Canary, run};
use crate::machine::Machine;

const MODEL: &str = "name: shop\nservices: {}\n";

#[test]
fn backups_behind_a_link_are_neither_written_nor_removed() {
    for name in ["journal", "vault", "vault/images", "vault/blobs", "vault/blobs/sha256"] {
        let canary = Canary::new();
        let machine = Machine::new(MODEL, &json!({}), &[]);
        let link = machine.place.path().join(".backup").join(name);
        let link = link.components().collect::<std::path::PathBuf>();
        std::fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(canary.path(), &link).unwrap();
        for line in [
            "deploy --yes",
            "deploy --dry-run",
            "rollback --yes",
            "recover",
            "backups",
            "backups verify",
            "backups prune --keep-last 1",
            "backups remove --yes 1",
            "status",
        ] {
            let said = run(&mut machine.command(&format!("--lang en {line}")), line);
            let text = said.stdout + &said.stderr;
            assert_eq!(said.code, 7, "{name}: {line}: {text}");
            assert!(text.contains(&format!("`{}` is a link", link.display())), "{line}: {text}");
            canary.lives(line);
        }
        for line in ["doctor", "report -o out.tar.gz"] {
            run(&mut machine.command(line), line);
            canary.lives(line);
        }
    }
}

#[test]
fn a_lock_that_is_no_file_is_refused() {
    let canary = Canary::new();
    let place = |kind: &str| {
        let machine = Machine::new(MODEL, &json!({}), &[]);
        let root = machine.place.path().join(".backup");
        std::fs::create_dir(&root).unwrap();
        let lock = root.join("lock");
        match kind {
            "link" => symlink(canary.path().join("secret"), lock).unwrap(),
            "link to nothing" => symlink(canary.path().join("new"), lock).unwrap(),
            "folder" => std::fs::create_dir(lock).unwrap(),
            _ => {
                let made = std::process::Command::new("mkfifo").arg(lock).status();
                assert!(made.unwrap().success());
            }
        }
        machine
    };
    for kind in ["link", "link to nothing", "folder", "pipe"] {
        let machine = place(kind);
        for line in ["deploy --yes", "recover", "backups verify", "doctor"] {
            let said = run(&mut machine.command(&format!("--lang en {line}")), kind);
            let text = said.stdout + &said.stderr;
            assert_eq!(said.code, 7, "{kind}: {line}: {text}");
            assert!(text.contains(".backup/lock` is damaged"), "{kind}: {line}: {text}");
            canary.lives(line);
        }
    }
}

#[test]
fn a_pipe_in_the_place_of_a_file_holds_up_nobody() {
    for name in
        ["20240129_143052/release.json", "current/release.json", "journal/20240129_143052.jsonl"]
    {
        let machine = Machine::new(MODEL, &json!({}), &[]);
        let path = machine.place.path().join(".backup").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        let said = run(&mut machine.command("--lang en backups verify"), name);
        assert_eq!(said.code, 7, "{}{}", said.stdout, said.stderr);
        assert!(said.stdout.contains(&format!("{name}` is damaged")), "{}", said.stdout);
        run(&mut machine.command("--lang en backups"), name);
        run(&mut machine.command("--lang en status"), name);
        run(&mut machine.command("--lang en doctor"), name);
    }
}

#[test]
fn scripts_and_reports_do_not_follow_links() {
    let canary = Canary::new();
    let machine = Machine::new(MODEL, &json!({}), &[]);
    let place = machine.place.path();
    for (name, to) in [("rollback-update.sh", "secret"), ("rollback-update.ps1", "new")] {
        symlink(canary.path().join(to), place.join(name)).unwrap();
    }
    let said = run(&mut machine.command("--lang en init --wrappers"), "init");
    assert_eq!(said.code, 2, "{}", said.stderr);
    assert!(said.stderr.contains("rollback-update.sh"), "{}", said.stderr);
    assert!(said.stderr.contains("rollback-update.ps1"), "{}", said.stderr);
    canary.lives("init");
    assert_eq!(run(&mut machine.command("init --wrappers --force"), "init").code, 0);
    canary.lives("init --force");
    symlink(canary.path().join("secret"), place.join("out.tar.gz")).unwrap();
    assert_eq!(run(&mut machine.command("report -o out.tar.gz"), "report").code, 0);
    canary.lives("report");
}
