//! Backups that the old scripts wrote.

use crate::harness::{Stack, inner, lines, page, port, under_load, web};

#[test]
#[ignore = "long: cargo xtask test --all"]
fn an_old_backup_of_the_stack_is_listed_and_restored() {
    let Some(stack) = Stack::new("old") else { return };
    let port = port();
    let compose = web("one", port) + &inner("two");
    stack.mode("one", "ok").mode("two", "ok").write(".env", "VERSION=1\n").compose_file(&compose);
    stack.compose(&["up", "-d", "--build", "--wait"]);
    let old = ".backup/20240129_143052";
    std::fs::create_dir_all(stack.path().join(old)).unwrap();
    for name in ["docker-compose.yml", ".env"] {
        stack.write(&format!("{old}/{name}"), &stack.read(name));
    }
    let (one, two) = (stack.id("one"), stack.id("two"));
    let states = lines(&["inspect", &one, &two]).join("\n");
    stack.write(&format!("{old}/containers.json"), &states);

    stack.write(".env", "VERSION=2\n").compose_file(&(compose + &inner("three")));
    stack.mode("three", "ok");
    stack.backstay(&["deploy"]).ends(0);
    assert_eq!(page(port, "/version").as_deref(), Some("2"));
    stack.backstay(&["backups"]).ends(0).says("20240129_143052").says("made by the old scripts");

    stack.backstay(&["rollback", old, "--force"]).ends(0).says("[2/4] Restoring");
    assert_eq!(page(port, "/version").as_deref(), Some("1"));
    assert_eq!(stack.read(".env"), "VERSION=1\n");
    assert!(!stack.read("docker-compose.yml").contains("three"));
    assert!(stack.picture().containers.iter().all(|line| !line.starts_with("three ")));
    assert!(stack.leftovers().is_empty());
    assert!(!stack.compose(&["up", "-d", "--no-build"]).contains("Recreate"));

    stack.backstay(&["rollback", "--yes"]).ends(0);
    assert_eq!(page(port, "/version").as_deref(), Some("2"));
    assert_eq!(stack.read(".env"), "VERSION=2\n");

    // One that can't run: all is as it was.
    let broken =
        stack.read(&format!("{old}/docker-compose.yml")).replace("VERSION:-1", "VERSION:?no");
    stack.write(&format!("{old}/docker-compose.yml"), &(broken + "    cap_add: [NO_SUCH]\n"));
    let before = stack.picture();
    let (ended, load) =
        under_load(&[port], || stack.backstay(&["rollback", old, "--force", "--no-rehearsal"]));
    assert_ne!(ended.code, Some(0), "{}", ended.screen);
    assert_eq!(stack.picture(), before);
    assert_eq!(load.failures(), 0, "{load:?}");
}

#[test]
fn an_old_backup_of_an_update_brings_its_images_back() {
    let Some(stack) = Stack::new("old-update") else { return };
    let port = port();
    let name = format!("old{}", std::process::id());
    let compose = web(&name, port) + &inner("two");
    stack.mode(&name, "ok").mode("two", "ok").write(".env", "VERSION=1\n").compose_file(&compose);
    stack.backstay(&["deploy"]).ends(0);
    let tag = format!("{name}:backup_20240129_153022");
    lines(&["tag", &format!("{}-{name}", stack.project), &tag]);
    let old = ".backup/update_20240129_153022";
    std::fs::create_dir_all(stack.path().join(old)).unwrap();
    stack.write(&format!("{old}/services.txt"), &format!("{name}\n"));

    stack.write(".env", "VERSION=2\n");
    stack.backstay(&["deploy"]).ends(0);
    let two = stack.id("two");
    let undone = stack.backstay(&["rollback", "--updates", old, "--force"]);
    lines(&["rmi", &tag]);
    undone.ends(0).says("[2/3] Restoring images");
    assert_eq!(page(port, "/version").as_deref(), Some("1"));
    assert_eq!((stack.id("two"), stack.read(".env").as_str()), (two, "VERSION=2\n"));

    let before = stack.picture();
    stack.backstay(&["rollback", "--updates", old, "--force"]).ends(7).says(&tag);
    assert_eq!(stack.picture(), before);
}
