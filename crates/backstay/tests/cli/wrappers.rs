//! The scripts with the guide's names: they translate flags and do nothing else.

use std::fs;
use std::path::{Path, PathBuf};

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts")
}

fn text(name: &str) -> String {
    fs::read_to_string(scripts().join(name)).unwrap()
}

#[cfg(unix)]
mod sh {
    use std::os::unix::fs::PermissionsExt;
    use std::process::{Command, Stdio};

    use super::*;

    /// A copy of the script next to a stack, called with a stand-in for the program that prints where it is and what it got.
    struct Script {
        folder: tempfile::TempDir,
        name: &'static str,
    }

    impl Script {
        fn new(name: &'static str) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let (stack, bin) = (folder.path().join("a stack"), folder.path().join("bin"));
            fs::create_dir(&stack).unwrap();
            fs::create_dir(&bin).unwrap();
            fs::copy(scripts().join(name), stack.join(name)).unwrap();
            let stub = bin.join("backstay");
            let body = "#!/bin/sh\nprintf '%s' \"${PWD##*/}:\"\nprintf ' <%s>' \"$@\"\nexit 10\n";
            fs::write(&stub, body).unwrap();
            fs::set_permissions(&stub, fs::Permissions::from_mode(0o755)).unwrap();
            Self { folder, name }
        }

        fn call(&self, path: &str, arguments: &[&str]) -> (Option<i32>, String) {
            let script = self.folder.path().join("a stack").join(self.name);
            let output = Command::new("sh")
                .arg(script)
                .args(arguments)
                .env("PATH", path)
                .current_dir("/")
                .stdin(Stdio::null())
                .output()
                .unwrap();
            (output.status.code(), String::from_utf8(output.stdout).unwrap())
        }

        /// What the program gets for these arguments.
        fn gives(&self, arguments: &[&str]) -> String {
            let bin = self.folder.path().join("bin");
            let (code, said) = self.call(&format!("{}:/usr/bin:/bin", bin.display()), arguments);
            assert_eq!(code, Some(10), "the exit code is the program's");
            said.strip_prefix("a stack:").unwrap().trim_start().to_owned()
        }
    }

    #[test]
    fn each_command_line_of_the_guide_is_translated() {
        let deploy = Script::new("deploy-linux-with-rollback.sh");
        assert_eq!(deploy.gives(&[]), "<deploy>");
        let flags = ["--skip-cert", "--skip-env"];
        assert_eq!(deploy.gives(&flags), "<deploy> <--skip-cert> <--skip-env>");
        assert_eq!(deploy.gives(&["--no-backup"]), "<deploy> <--no-backup>");

        let rollback = Script::new("rollback-deployment.sh");
        assert_eq!(rollback.gives(&[]), "<rollback>");
        let one = ".backup/20240129_143052";
        assert_eq!(rollback.gives(&[one]), format!("<rollback> <{one}>"));
        assert_eq!(rollback.gives(&[one, "--force"]), format!("<rollback> <{one}> <--force>"));

        let update = Script::new("update-linux-with-rollback.sh");
        let services = "manager-api,agent-api,merchant-api";
        let given = update.gives(&["--services", services, "--force"]);
        assert_eq!(given, format!("<update> <--services> <{services}> <--force>"));
        let given = update.gives(&["--services", "redis,rabbitmq", "--no-build"]);
        assert_eq!(given, "<update> <--services> <redis,rabbitmq> <--no-build>");

        let back = Script::new("rollback-update.sh");
        assert_eq!(back.gives(&[]), "<rollback> <--updates>");
        let one = ".backup/update_20240129_153022";
        let given = back.gives(&[one, "--force"]);
        assert_eq!(given, format!("<rollback> <--updates> <{one}> <--force>"));
    }

    #[test]
    fn words_with_spaces_stay_whole() {
        let update = Script::new("update-linux-with-rollback.sh");
        assert_eq!(update.gives(&["--services", "a, b"]), "<update> <--services> <a, b>");
    }

    #[test]
    fn a_program_that_is_not_there_is_said_so() {
        let (code, said) = Script::new("rollback-update.sh").call("/usr/bin:/bin", &[]);
        assert_eq!((code, said.as_str()), (Some(127), ""));
    }
}

#[test]
fn powershell_translates_the_guides_flags() {
    type Flags = [(&'static str, &'static str)];
    let calls: [(&str, &str, &Flags); 4] = [
        (
            "deploy-windows-with-rollback.ps1",
            "@('deploy')",
            &[("SkipCert", "--skip-cert"), ("SkipEnv", "--skip-env"), ("NoBackup", "--no-backup")],
        ),
        (
            "update-windows-with-rollback.ps1",
            "@('update')",
            &[("Force", "--force"), ("NoBuild", "--no-build"), ("NoBackup", "--no-backup")],
        ),
        ("rollback-deployment.ps1", "@('rollback')", &[("Force", "--force")]),
        ("rollback-update.ps1", "@('rollback', '--updates')", &[("Force", "--force")]),
    ];
    for (name, verb, flags) in calls {
        let script = text(name);
        assert!(script.contains(&format!("$arguments = {verb}\n")), "{name}");
        for (switch, flag) in flags {
            assert!(script.contains(&format!("[switch]${switch}")), "{name}: -{switch}");
            let line = format!("if (${switch}) {{ $arguments += '{flag}' }}\n");
            assert!(script.contains(&line), "{name}: {flag}");
        }
        assert!(script.contains("exit $code"), "{name}");
        // Windows PowerShell reads a file without a mark in the local code page.
        assert!(script.is_ascii(), "{name}");
    }
    let update = text("update-windows-with-rollback.ps1");
    assert!(update.contains("[string[]]$Services"), "{update}");
    assert!(update.contains("@('--services', ($Services -join ','))"), "{update}");
    for name in ["rollback-deployment.ps1", "rollback-update.ps1"] {
        assert!(text(name).contains("[Parameter(Position = 0)][string]$BackupPath"), "{name}");
    }
}
