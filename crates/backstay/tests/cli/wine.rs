//! The Windows program under Wine: the commands that need no engine.
//!
//! They run where `BACKSTAY_WINE` names what a Windows program is run with, and `BACKSTAY_WINDOWS_PROGRAM` the program, as
//! `cargo xtask wine` does; elsewhere each says so and passes.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::harness::Said;

const FOLDER: &str = "my stack 堆栈";
const FILE: &str = "services:\n  web: {image: nginx}\n";

/// A folder on Wine's drive `Z:`, which is the machine's root.
struct Windows {
    wine: String,
    program: String,
    /// Goes at the end.
    top: tempfile::TempDir,
}

impl Windows {
    fn new() -> Option<Self> {
        let Ok(wine) = std::env::var("BACKSTAY_WINE") else {
            eprintln!("not run: BACKSTAY_WINE is not set; `cargo xtask wine` sets it");
            return None;
        };
        let program =
            std::env::var("BACKSTAY_WINDOWS_PROGRAM").expect("BACKSTAY_WINDOWS_PROGRAM is not set");
        let top = tempfile::Builder::new().prefix("backstay-w-").tempdir_in("/tmp").unwrap();
        fs::create_dir(top.path().join(FOLDER)).unwrap();
        Some(Self { wine, program, top })
    }

    fn path(&self) -> std::path::PathBuf {
        self.top.path().join(FOLDER)
    }

    fn write(&self, name: &str, text: &str) -> &Self {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn run(&self, words: &[&str]) -> Said {
        self.run_with(words, &[])
    }

    fn run_with(&self, words: &[&str], variables: &[(&str, &str)]) -> Said {
        let mut command = Command::new(&self.wine);
        command.arg(&self.program).args(words).current_dir(self.path()).stdin(Stdio::null());
        for name in ["COMPOSE_FILE", "COMPOSE_PROJECT_NAME", "NO_COLOR", "DOCKER_HOST"] {
            command.env_remove(name);
        }
        command.env("BACKSTAY_STATE", on_z(&self.top.path().join("state")));
        command.envs(variables.iter().copied());
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).unwrap();
            text.replace(&on_z(&self.path()), "FOLDER")
        };
        Said {
            code: output.status.code().unwrap(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

/// A path as Windows programs write it there.
fn on_z(path: &Path) -> String {
    format!("Z:{}", path.display().to_string().replace('/', "\\"))
}

#[track_caller]
fn ends(said: &Said, code: i32) {
    assert_eq!(said.code, code, "{}{}", said.stdout, said.stderr);
}

#[test]
fn the_version_and_the_help_are_said() {
    let Some(windows) = Windows::new() else { return };
    for words in ["version", "--version"] {
        let said = windows.run(&[words]);
        let expected = format!("backstay {}\n", env!("CARGO_PKG_VERSION"));
        assert_eq!((said.code, said.stdout, said.stderr), (0, expected, String::new()));
    }
    let help = windows.run(&["--help"]);
    ends(&help, 0);
    assert!(help.stdout.contains("Usage: backstay"), "{}", help.stdout);
    let help = windows.run(&["deploy", "--help", "--lang", "zh"]);
    ends(&help, 0);
    assert!(help.stdout.contains("用法"), "{}", help.stdout);
}

#[test]
fn what_is_wrong_with_a_command_line_has_its_exit_code() {
    let Some(windows) = Windows::new() else { return };
    let said = windows.run(&["deplyo"]);
    ends(&said, 2);
    assert!(said.stderr.contains("did you mean `deploy`?"), "{}", said.stderr);
    let said = windows.run(&["deploy", "--monitor", "soon", "--lang", "zh"]);
    ends(&said, 2);
    assert!(said.stderr.contains("`soon` 不是"), "{}", said.stderr);
    ends(&windows.run(&[]), 2);
    let said = windows.run(&["deploy", "--json", "--nonsense"]);
    let value: Value = serde_json::from_str(&said.stderr).unwrap();
    assert_eq!((said.code, &value["code"]), (2, &Value::from(2)));
    ends(&windows.run(&["deploy"]), 3);
    ends(&windows.run(&["deploy", "-f", r"none\compose.yml"]), 3);
}

#[test]
fn certificates_are_made_shown_and_checked() {
    let Some(windows) = Windows::new() else { return };
    let path = r"证书 cert\shop.pfx";
    let run = |words: &[&str]| {
        let said = windows.run_with(words, &[("CERT_PASSWORD", "planted")]);
        assert!(!said.stdout.contains("planted") && !said.stderr.contains("planted"));
        said
    };
    ends(&run(&["cert", "create", "--path", path, "--name", "shop.test", "--days", "90"]), 0);
    for name in ["shop.pfx", "shop.crt", "shop.key"] {
        assert!(windows.path().join("证书 cert").join(name).is_file(), "{name}");
    }
    let said = run(&["cert", "show", path]);
    ends(&said, 0);
    assert!(said.stdout.contains("shop.test"), "{}", said.stdout);
    ends(&run(&["cert", "check", path]), 0);
    let whole = on_z(&windows.path().join("证书 cert").join("shop.crt"));
    ends(&run(&["cert", "check", &whole]), 0);
    let said = run(&["cert", "create", "--path", path]);
    ends(&said, 8);
    assert!(said.stderr.contains("--force"), "{}", said.stderr);
    ends(&run(&["cert", "create", "--path", path, "--days", "10", "--force"]), 0);
    let said = run(&["cert", "check", path, "--json"]);
    ends(&said, 9);
    assert!(said.stdout.contains("ends-soon"), "{}", said.stdout);
    let said = run(&["cert", "check", r"cert\none.pfx"]);
    ends(&said, 9);
    assert!(said.stderr.contains(r"cert\none.pfx"), "{}", said.stderr);
}

#[test]
fn the_wrappers_are_written() {
    let Some(windows) = Windows::new() else { return };
    windows.write("compose.yaml", FILE);
    let said = windows.run(&["init", "--wrappers"]);
    ends(&said, 0);
    assert!(said.stdout.contains("Wrote deploy-windows-with-rollback.ps1\n"), "{}", said.stdout);
    assert!(windows.path().join("rollback-update.sh").is_file());
    let said = windows.run(&["init", "--wrappers"]);
    assert_eq!((said.code, &*said.stdout), (0, "The scripts are there already.\n"));
}

#[test]
fn backups_are_listed_shown_and_removed() {
    let Some(windows) = Windows::new() else { return };
    windows.write("compose.yaml", FILE);
    windows.write(".backup/20240129_143052/docker-compose.yml", "");
    windows.write(".backup/20240129_143052/containers.json", "[]");
    windows.write(".backup/20240128_164521/release.json", "{\"version\": 99}");
    let said = windows.run(&["backups", "list", "--json"]);
    ends(&said, 0);
    let value: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(value["backups"][0]["folder"], "20240129_143052", "{}", said.stdout);
    let said = windows.run(&["backups", "--lang", "zh"]);
    ends(&said, 0);
    assert!(said.stdout.contains("[1] 2024-01-29 14:30:52"), "{}", said.stdout);
    assert!(said.stdout.contains("release.json` has format version 99"), "{}", said.stdout);
    ends(&windows.run(&["backups", "show", "20240129_143052"]), 0);
    ends(&windows.run(&["backups", "show", r"..\elsewhere"]), 7);
    ends(&windows.run(&["backups", "remove", "1"]), 2);
    let said = windows.run(&["backups", "remove", "1", "--yes"]);
    assert_eq!((said.code, &*said.stdout), (0, "Removed 20240129_143052\n"), "{}", said.stderr);
    assert!(!windows.path().join(".backup/20240129_143052").exists());
}

#[test]
fn without_an_engine_it_says_so_and_tells_the_free_space_as_it_is() {
    let Some(windows) = Windows::new() else { return };
    windows.write("compose.yaml", FILE);
    ends(&windows.run(&["deploy", "--yes"]), 4);
    ends(&windows.run(&["status"]), 4);
    let said = windows.run(&["doctor"]);
    ends(&said, 4);
    let first = said.stdout.lines().next().unwrap_or_default();
    assert!(first.starts_with("✗ Docker is not "), "{first}");
    // Nobody has looked at who may read there.
    assert!(!said.stdout.contains("nobody else"), "{}", said.stdout);
    let said = windows.run(&["doctor", "--json"]);
    ends(&said, 4);
    let mut findings = said.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let space = findings.find(|finding| finding["check"] == "space").expect("space");
    let free = space["facts"]["free"].as_u64().unwrap_or_else(|| panic!("{space}"));
    let here = rustix::fs::statvfs(windows.top.path()).unwrap();
    let here = here.f_bavail * here.f_frsize;
    // Others write and remove at the same time.
    assert!(free.abs_diff(here) < here / 10 + (1 << 30), "{free} for {here}");
}

#[test]
fn a_report_is_written_and_who_can_read_it_is_said_as_it_is() {
    let Some(windows) = Windows::new() else { return };
    windows.write("compose.yaml", FILE);
    let said = windows.run(&["report"]);
    ends(&said, 0);
    assert!(said.stdout.contains("whoever may read in this folder"), "{}", said.stdout);
    let names = fs::read_dir(windows.path()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    assert!(names.filter(|name| name.starts_with("backstay-report-")).count() == 1);
}
