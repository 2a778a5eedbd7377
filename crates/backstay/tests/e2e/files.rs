//! Files and folders that a stack mounts, and services that its file does not name any more.

use std::fs;

use crate::harness::{Stack, inner, page, port, web};

/// The image has the label of the stack that it was built for.
const ELSE: &str = "com.docker.compose.project=else";

#[test]
#[ignore = "long: cargo xtask test --all"]
fn services_that_the_file_does_not_name_any_more_come_back() {
    let Some(stack) = Stack::new("gone") else { return };
    let ports = [port(), port()];
    stack.mode("one", "ok").mode("two", "ok");
    stack.compose_file(&(web("one", ports[0]) + &web("two", ports[1])));
    stack.compose(&["up", "-d", "--build", "--wait"]);
    stack.compose_file(&web("one", ports[0]));
    stack.backstay(&["deploy"]).ends(0);
    assert_eq!(page(ports[1], "/version"), None);
    stack.backstay(&["rollback", "--yes"]).ends(0);
    assert_eq!(page(ports[1], "/version").as_deref(), Some("1"));
    assert_eq!(page(ports[0], "/version").as_deref(), Some("1"));
    stack.backstay(&["status"]).ends(0).says("What runs is what was released");
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn folders_and_files_beside_the_stack_come_back() {
    let outer = tempfile::tempdir().unwrap();
    let Some(stack) = Stack::new("beside") else { return };
    let stack = stack.within(outer.path());
    let (port, shared) = (port(), outer.path().join("shared"));
    fs::create_dir(&shared).unwrap();
    fs::create_dir(stack.path().join("conf")).unwrap();
    let all = |value: &str| {
        stack.write(".env", &format!("VERSION={value}\n")).write("conf/site", value);
        fs::write(shared.join("app.conf"), value).unwrap();
        fs::write(shared.join("app.env"), format!("SETTING={value}\n")).unwrap();
    };
    all("1");
    stack.mode("one", "ok").compose_file(
        &(web("one", port)
            + "    volumes: [\"./conf:/conf:ro\", \"../shared/app.conf:/etc/app.conf:ro\"]\n    env_file: ../shared/app.env\n"),
    );
    stack.backstay(&["deploy"]).ends(0);
    let first = stack.id("one");
    stack.write("conf/site", "1b");
    stack.backstay(&["deploy"]).ends(0);
    assert_ne!(stack.id("one"), first, "a changed folder is a change");
    all("2");
    stack.write("conf/added", "later");
    stack.backstay(&["deploy"]).ends(0);
    assert_eq!(page(port, "/version").as_deref(), Some("2"));
    stack.backstay(&["rollback", "--yes"]).ends(0);
    assert_eq!(page(port, "/version").as_deref(), Some("1"));
    assert_eq!(stack.read("conf/site"), "1b");
    assert!(!stack.path().join("conf/added").exists());
    assert_eq!(fs::read_to_string(shared.join("app.conf")).unwrap(), "1");
    assert_eq!(fs::read_to_string(shared.join("app.env")).unwrap(), "SETTING=1\n");

    // Where somebody else uses it too, it is said before anything begins.
    let other = format!("{}-other", stack.project);
    let mount = format!("{}:/x:ro", shared.display());
    let image = format!("{}-one", stack.project);
    stack.lines(&["create", "--name", &other, "--label", ELSE, "-v", &mount, &image]);
    fs::write(shared.join("app.conf"), "3").unwrap();
    let runs = stack.id("one");
    let refused = stack.backstay(&["rollback", "--yes"]);
    let left = stack.backstay(&["rollback", "--yes", "--leave-files", "--dry-run"]);
    stack.lines(&["rm", "-f", &other]);
    refused.ends(7).says("app.conf").says("--leave-files");
    left.ends(0);
    assert_eq!(stack.id("one"), runs);
    assert_eq!(fs::read_to_string(shared.join("app.conf")).unwrap(), "3");
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_file_that_is_missing_is_refused_and_no_folder_takes_its_place() {
    let Some(stack) = Stack::new("missing") else { return };
    let volumes = "    volumes: [\"./app.conf:/etc/app.conf\", \"./secret-token:/etc/token\", \"./plain:/etc/plain\"]\n";
    stack.mode("one", "ok").compose_file(&(inner("one") + volumes));
    let refused = stack.backstay(&["deploy"]).ends(6).says("app.conf").says("secret-token");
    assert!(!refused.screen.contains("/plain"), "{}", refused.screen);
    for name in ["app.conf", "secret-token", "plain"] {
        assert!(!stack.path().join(name).exists(), "{name}");
    }
    for name in ["app.conf", "secret-token", "plain"] {
        stack.write(name, "good");
    }
    stack.backstay(&["deploy"]).ends(0);
    let first = stack.id("one");
    // A name that says nothing is known from the release.
    fs::remove_file(stack.path().join("plain")).unwrap();
    stack.backstay(&["deploy"]).ends(6).says("plain");
    assert_eq!(stack.id("one"), first);
    // As the engine would have left it.
    fs::create_dir(stack.path().join("plain")).unwrap();
    stack.backstay(&["deploy"]).ends(6).says("rmdir");
    stack.write("app.conf", "new");
    fs::remove_dir(stack.path().join("plain")).unwrap();
    stack.write("plain", "new");
    stack.backstay(&["deploy"]).ends(0);
    fs::remove_file(stack.path().join("plain")).unwrap();
    fs::create_dir(stack.path().join("plain")).unwrap();
    stack.backstay(&["rollback", "--yes"]).ends(0);
    assert_eq!((stack.read("plain"), stack.read("app.conf")), ("good".into(), "good".into()));
}

#[test]
fn an_includes_own_env_files_count() {
    let Some(stack) = Stack::new("include") else { return };
    let project = &stack.project;
    fs::create_dir(stack.path().join("db")).unwrap();
    let included = inner("two").replace("context: .", "context: ..")
        + "    environment: {PASSWORD: \"${DB_PASSWORD:?set it in db/db.env}\"}\n";
    stack.write("db/compose.yml", &format!("services:\n{included}"));
    let file = |include: &str| {
        format!("name: {project}\ninclude:\n  - {include}\nservices:\n{}", inner("one"))
    };
    stack.mode("one", "ok").mode("two", "ok").write("db/db.env", "DB_PASSWORD=planted\n");
    stack.write("docker-compose.yml", &file("{path: db/compose.yml, env_file: db/db.env}"));
    let first = stack.backstay(&["deploy"]).ends(0);
    assert!(!first.screen.contains("planted"), "{}", first.screen);
    fs::rename(stack.path().join("db/db.env"), stack.path().join("db/.env")).unwrap();
    stack.write("docker-compose.yml", &file("db/compose.yml"));
    stack.backstay(&["deploy"]).ends(0);
    fs::remove_file(stack.path().join("db/.env")).unwrap();
    stack.backstay(&["deploy"]).ends(3).says("DB_PASSWORD").says("set it in db/db.env");
}

#[test]
fn a_name_that_somebody_else_has_is_found_before_the_build() {
    let Some(stack) = Stack::new("name") else { return };
    let name = format!("{}-shared", stack.project);
    let image = format!("{}-first", stack.project);
    stack.mode("one", "ok").compose_file(&inner("one"));
    stack.compose(&["build"]);
    stack.lines(&["tag", &format!("{}-one", stack.project), &image]);
    stack.lines(&["create", "--name", &name, "--label", ELSE, &image]);
    stack.compose_file(&(inner("one") + &format!("    container_name: {name}\n")));
    let refused = stack.backstay(&["deploy"]);
    stack.lines(&["rm", "-f", &name]);
    stack.lines(&["image", "rm", &image]);
    refused.ends(6).says(&name).says("project `else`");
    stack.backstay(&["deploy", "--yes", "--wait-timeout", "1m30s"]).ends(0);
}
