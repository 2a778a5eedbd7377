//! Where the state is: by engine and project, whatever becomes of the folder.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{Run, Stack, inner, page, port, web};

/// The folder of the stack's own records.
fn records(stack: &Stack) -> PathBuf {
    fs::read_link(stack.path().join(".backup")).unwrap().parent().unwrap().to_owned()
}

/// What the folder of the stack has in it is somewhere else now.
fn cloned(stack: &Stack) -> tempfile::TempDir {
    let anew = tempfile::Builder::new().prefix("backstay-t-").tempdir().unwrap();
    for entry in fs::read_dir(stack.path()).unwrap().map(|entry| entry.unwrap()) {
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), anew.path().join(entry.file_name())).unwrap();
        }
    }
    anew
}

fn backstay_in(stack: &Stack, folder: &Path, arguments: &[&str]) -> Run {
    let output = stack.command(arguments).current_dir(folder).output().unwrap();
    Run::new(arguments, &output)
}

#[test]
fn two_projects_of_one_folder_have_two_histories() {
    let Some(mut stack) = Stack::new("st-two") else { return };
    let (prod, staging) = (port(), port());
    stack.mode("one", "ok");
    let service = web("one", 0).replace("0:8080", "${PORT}:8080");
    stack.compose_file(&service);
    // The name is that of the command line.
    let text = stack.read("docker-compose.yml");
    let text: Vec<&str> = text.lines().filter(|line| !line.starts_with("name:")).collect();
    stack.write("docker-compose.yml", &(text.join("\n") + "\n"));
    let names = [format!("{}-p", stack.project), format!("{}-s", stack.project)];
    let run = |name: &str, port: u16, version: &str, verb: &[&str]| {
        let mut arguments = vec!["-p", name];
        arguments.extend(verb);
        let mut command = stack.command(&arguments);
        command.env("PORT", port.to_string()).env("VERSION", version);
        Run::new(&arguments, &command.output().unwrap())
    };
    let deploy = ["deploy", "--yes", "--skip-env"];
    run(&names[0], prod, "1", &deploy).ends(0);
    run(&names[1], staging, "1", &deploy).ends(0);
    run(&names[0], prod, "2", &deploy).ends(0);
    let both = || (page(prod, "/version"), page(staging, "/version"));
    let is = |a: &str, b: &str| (Some(a.to_owned()), Some(b.to_owned()));
    assert_eq!(both(), is("2", "1"));
    run(&names[1], staging, "1", &["status"]).ends(0).says(&names[1]);
    // There is nothing of the other one to go back to.
    run(&names[1], staging, "1", &["rollback", "--yes"]).ends(7);
    assert_eq!(both(), is("2", "1"));
    run(&names[0], prod, "2", &["rollback", "--yes"]).ends(0);
    assert_eq!(both(), is("1", "1"));
    for name in names {
        stack.project = name;
        stack.clear();
    }
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_folder_that_is_cloned_anew_has_its_history() {
    let Some(stack) = Stack::new("st-clone") else { return };
    let port = port();
    stack.mode("one", "ok").compose_file(&web("one", port));
    for version in ["1", "2"] {
        stack.write(".env", &format!("VERSION={version}\n"));
        stack.backstay(&["deploy"]).ends(0);
    }
    let anew = cloned(&stack);
    backstay_in(&stack, anew.path(), &["rollback", "--yes"]).ends(0);
    assert_eq!(page(port, "/version").as_deref(), Some("1"));
    assert_eq!(fs::read_to_string(anew.path().join(".env")).unwrap(), "VERSION=1\n");
    assert_eq!(
        fs::read_link(anew.path().join(".backup")).unwrap(),
        records(&stack).join("backups")
    );
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_build_sees_nothing_of_it() {
    let Some(stack) = Stack::new("st-copy") else { return };
    let dockerfile = "FROM scratch\nCOPY . .\nENTRYPOINT [\"/demo-server\"]\n";
    stack.write("Dockerfile", dockerfile).write(".env", "TOKEN=planted-in-env\n");
    stack.write(".dockerignore", ".env\n").compose_file(&inner("one"));
    stack.backstay(&["deploy"]).ends(0);
    let id = stack.id("one");
    for _ in 0..4 {
        stack.backstay(&["deploy"]).ends(0).says("up to date");
    }
    assert_eq!(stack.id("one"), id);
    // A script makes a real folder of it again.
    let records = records(&stack);
    fs::remove_file(stack.path().join(".backup")).unwrap();
    let old = stack.path().join(".backup/20240129_143052");
    fs::create_dir_all(&old).unwrap();
    fs::write(old.join("docker-compose.yml"), stack.read("docker-compose.yml")).unwrap();
    fs::write(old.join(".env"), "TOKEN=planted-in-env\n").unwrap();
    fs::write(old.join("containers.json"), "[]").unwrap();
    stack.backstay(&["deploy"]).ends(0).says("Moved").says("up to date");
    assert!(records.join("backups/20240129_143052/.env").is_file());
    assert_eq!(stack.id("one"), id);
}

#[test]
fn another_stack_of_the_same_name_is_left_alone() {
    let Some(shop) = Stack::new("st-name") else { return };
    shop.mode("one", "ok").compose_file(&inner("one"));
    shop.backstay(&["deploy"]).ends(0);
    let before = shop.picture();
    let blog = cloned(&shop);
    let text = shop.read("docker-compose.yml").replace("  one:", "  blog:");
    fs::write(blog.path().join("docker-compose.yml"), text).unwrap();
    let refused = backstay_in(&shop, blog.path(), &["deploy"]).ends(3);
    refused.says(&shop.path().display().to_string()).says("-p NAME");
    assert_eq!(shop.picture(), before);
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn containers_that_compose_made_from_other_files_are_left_alone_unless_they_are_orphans_to_go() {
    let Some(stack) = Stack::new("st-orphan") else { return };
    stack.mode("one", "ok").mode("two", "ok");
    let other = format!("name: {}\nservices:\n{}", stack.project, inner("two"));
    stack.write("other.yml", &other).compose_file(&inner("one"));
    stack.compose(&["-f", "other.yml", "up", "-d", "--build"]);
    let two = stack.id("two");
    stack.backstay(&["deploy"]).ends(0).says("--remove-orphans");
    assert_eq!(stack.id("two"), two);
    stack.write(".env", "VERSION=2\n");
    stack.backstay(&["deploy"]).ends(0);
    stack.backstay(&["rollback", "--yes"]).ends(0);
    assert_eq!(stack.id("two"), two);
    stack.backstay(&["deploy", "--remove-orphans"]).ends(0);
    assert!(stack.ids("two").is_empty());
}

#[test]
fn a_stack_that_would_run_under_another_name_is_refused() {
    let Some(stack) = Stack::new("st-rename") else { return };
    stack.mode("one", "ok").compose_file(&inner("one"));
    stack.backstay(&["deploy"]).ends(0);
    let before = stack.picture();
    let renamed = format!("{}-other", stack.project);
    let text = stack.read("docker-compose.yml").replace(&stack.project, &renamed);
    stack.write("docker-compose.yml", &text);
    for verb in [&["deploy"][..], &["rollback", "--yes"], &["update", "one", "--yes"]] {
        stack.backstay(verb).ends(3).says(&stack.project).says(&renamed);
    }
    stack.backstay(&["status"]).ends(0).says(&format!("-p {}", stack.project));
    let after = stack.picture();
    assert_eq!((after.containers, after.networks), (before.containers, before.networks));
    stack.backstay(&["-p", &stack.project, "deploy"]).ends(0);
}

/// Everyone who may use the engine may go on with a stack.
#[test]
#[ignore = "long: cargo xtask test --all"]
fn root_and_a_user_of_the_engines_group_take_turns() {
    let Some(stack) = Stack::new("st-group") else { return };
    let socket = std::env::var("DOCKER_HOST").ok();
    let socket = socket.as_deref().and_then(|host| host.strip_prefix("unix://"));
    let Ok(group) = fs::metadata(socket.unwrap_or("/var/run/docker.sock")) else { return };
    let group = group.gid();
    let is_there = Command::new("setpriv").arg("--version").output().is_ok();
    if fs::metadata("/proc/self").unwrap().uid() != 0 || !is_there {
        eprintln!("not tried: this needs root and `setpriv`");
        return;
    }
    fs::set_permissions(stack.path(), fs::Permissions::from_mode(0o755)).unwrap();
    // As root makes it for the whole machine.
    fs::create_dir(stack.state()).unwrap();
    std::os::unix::fs::chown(stack.state(), None, Some(group)).unwrap();
    fs::set_permissions(stack.state(), fs::Permissions::from_mode(0o2770)).unwrap();
    stack.mode("one", "ok").compose_file(&inner("one"));
    // Where the tools that build keep what they know.
    let home = tempfile::tempdir().unwrap();
    std::os::unix::fs::chown(home.path(), Some(61234), Some(61234)).unwrap();
    let program = stack.path().join("backstay");
    fs::copy(env!("CARGO_BIN_EXE_backstay"), &program).unwrap();
    let user = |arguments: &[&str]| {
        let mut command = Command::new("setpriv");
        let (group, ids) = (group.to_string(), ["--reuid=61234", "--regid=61234"]);
        command.args(ids).arg(format!("--groups={group}")).arg(&program).args(["--lang", "en"]);
        command.args(arguments).current_dir(stack.path()).env("HOME", home.path());
        command.env("BACKSTAY_STATE", stack.state());
        // Wherever those are whose plugins are used.
        command.env("BUILDX_CONFIG", home.path().join("buildx"));
        Run::new(arguments, &command.output().unwrap())
    };
    stack.write(".env", "VERSION=1\n").backstay(&["deploy"]).ends(0);
    user(&["status"]).ends(0);
    stack.write(".env", "VERSION=2\n");
    user(&["update", "one", "--yes"]).ends(0);
    user(&["backups"]).ends(0);
    stack.backstay(&["rollback", "--yes"]).ends(0);
    stack.write(".env", "VERSION=3\n");
    user(&["deploy", "--yes"]).ends(0);
    let mut open = vec![records(&stack)];
    while let Some(path) = open.pop() {
        let found = fs::symlink_metadata(&path).unwrap();
        let mode = if found.is_dir() { 0o2770 } else { 0o660 };
        assert_eq!(found.mode() & 0o7777, mode, "{}", path.display());
        assert_eq!(found.gid(), group, "{}", path.display());
        if found.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
}

#[test]
fn a_run_on_another_machine_keeps_this_one_out() {
    let Some(stack) = Stack::new("st-mark") else { return };
    stack.mode("one", "ok").compose_file(&inner("one"));
    let mark = format!("backstay-run-{}", stack.project);
    let claim = r#"backstay.claim={"token":"t","holder":{"pid":7,"host":"web-2.test","command":"backstay deploy","since":"2024-01-29T06:30:52Z"},"lock":"/s/lock"}"#;
    stack.lines(&["volume", "create", "--label", claim, &mark]);
    let refused = stack.backstay(&["deploy"]).ends(5);
    refused.says("web-2.test").says(&format!("docker volume rm {mark}"));
    assert!(stack.picture().containers.is_empty());
    stack.lines(&["volume", "rm", &mark]);
    stack.backstay(&["deploy"]).ends(0);
    // It takes its own away.
    assert!(stack.lines(&["volume", "ls", "-q", "--filter", &format!("name={mark}")]).is_empty());
}

/// Of a run that was killed, the journal is gone with all the rest: what the containers say is enough.
#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_killed_run_whose_state_is_gone_is_cleaned_up() {
    let Some(stack) = Stack::new("st-lost") else { return };
    let port = port();
    stack.mode("one", "ok").compose_file(&web("one", port));
    stack.write(".env", "VERSION=1\n").backstay(&["deploy"]).ends(0);
    for mark in [".rehearsal-", ".old-"] {
        stack.write(".env", "VERSION=2\n");
        // Both are there for so long: it is not over before it is killed.
        let mut run = stack.command(&["--json", "deploy", "--monitor", "20s"]);
        let mut run = run.stdout(std::process::Stdio::null()).spawn().unwrap();
        let filter = format!("name={}-one-1{mark}", stack.project);
        let is_there = || !stack.lines(&["ps", "-aq", "--filter", &filter]).is_empty();
        while !is_there() {
            assert_eq!(run.try_wait().unwrap(), None, "it ended without {mark}");
        }
        run.kill().unwrap();
        run.wait().unwrap();
        fs::remove_dir_all(stack.state()).unwrap();
        stack.backstay(&["status"]).ends(0).says("interrupted");
        stack.backstay(&["recover"]).ends(0);
        assert_eq!(page(port, "/version").as_deref(), Some("1"), "{mark}");
        let label = format!("label=com.docker.compose.project={}", stack.project);
        let names = stack.lines(&["ps", "-a", "--format", "{{.Names}}", "--filter", &label]);
        assert_eq!(names, [format!("{}-one-1", stack.project)], "{mark}");
        let builds = format!("backstay-build/{}", stack.project);
        assert!(stack.lines(&["images", "-q", &builds]).is_empty(), "{mark}");
    }
    stack.backstay(&["deploy"]).ends(0);
    assert_eq!(page(port, "/version").as_deref(), Some("2"));
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_rollback_in_a_work_tree_says_what_the_next_pull_meets() {
    let Some(stack) = Stack::new("st-git") else { return };
    let origin = tempfile::Builder::new().prefix("backstay-t-").tempdir().unwrap();
    let git = |folder: &Path, arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=x", "-c", "user.email=x@x", "-c", "init.defaultBranch=main"]);
        git.args(arguments).current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null");
        let output = git.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.success(), text + &String::from_utf8_lossy(&output.stderr))
    };
    let well = |folder: &Path, arguments: &[&str]| {
        let (is_well, text) = git(folder, arguments);
        assert!(is_well, "git {arguments:?}: {text}");
        text
    };
    stack.mode("one", "ok").compose_file(&inner("one")).write(".gitignore", ".env\n");
    let here = stack.path();
    well(here, &["init", "-q"]);
    well(here, &["add", "-A"]);
    well(here, &["commit", "-qm", "1"]);
    well(origin.path(), &["clone", "-q", "--bare", here.to_str().unwrap(), "origin.git"]);
    let other = origin.path().join("other");
    well(origin.path(), &["clone", "-q", "origin.git", "other"]);
    let remote = origin.path().join("origin.git");
    well(here, &["remote", "add", "origin", remote.to_str().unwrap()]);
    let push = |line: &str| {
        let file = other.join("docker-compose.yml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("{text}{line}")).unwrap();
        well(&other, &["commit", "-qam", "next"]);
        well(&other, &["push", "-q"]);
    };
    let pull = || git(here, &["pull", "-q", "origin", "main"]);
    stack.backstay(&["deploy", "--yes"]).ends(0);
    push("    environment: {A: \"1\"}\n");
    assert!(pull().0);
    stack.backstay(&["deploy", "--yes"]).ends(0);
    let hint = "git checkout -- docker-compose.yml";
    stack.backstay(&["rollback", "--yes"]).ends(0).says("docker-compose.yml").says(hint);
    // Nothing of what is kept is there to be committed.
    assert_eq!(well(here, &["status", "--short"]).trim(), "M docker-compose.yml");
    push("    labels: {a: b}\n");
    assert!(!pull().0);
    well(here, &["checkout", "--", "docker-compose.yml"]);
    assert!(pull().0);
    stack.backstay(&["deploy", "--yes"]).ends(0);
    assert_eq!(stack.ids("one").len(), 1);
}
