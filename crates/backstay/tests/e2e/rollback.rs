//! A release can always come back.

use crate::harness::{Stack, inner, lines, page, port, web};

const STAND_IN: &str = "  cache:\n    image: ${CACHE}\n    restart: unless-stopped\n    healthcheck: {test: [CMD, /demo-server, ping], interval: 5s, start_interval: 300ms, start_period: 1s, timeout: 2s, retries: 2}\n    deploy: {update_config: {monitor: 0s}}\n";

/// The image of the stand-in for a cache, tagged for this stack alone.
fn cache_image(stack: &Stack) -> String {
    let image = format!("{}-cachebase:1", stack.project);
    stack.mode("cache", "redis");
    let folder = stack.path().to_str().unwrap();
    let label = format!("com.docker.compose.project={}", stack.project);
    lines(&[
        "build",
        "-q",
        "-t",
        &image,
        "--label",
        &label,
        "--build-arg",
        "SERVICE=cache",
        folder,
    ]);
    image
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn env_compose_file_and_services_come_back_and_going_back_twice_goes_further() {
    let Some(stack) = Stack::new("back") else { return };
    let port = port();
    let image = cache_image(&stack);
    stack.mode("one", "ok").mode("extra", "ok");
    let env = |version: u32| format!("VERSION={version}\nCACHE={image}\n");
    stack.write(".env", &env(1)).compose_file(&(web("one", port) + STAND_IN));
    stack.backstay(&["deploy"]).ends(0);
    let cache = stack.id("cache");
    let first = stack.read("docker-compose.yml");

    stack.write(".env", &env(2)).compose_file(&(web("one", port) + STAND_IN + &inner("extra")));
    stack.backstay(&["deploy"]).ends(0);
    let second = stack.read("docker-compose.yml");
    assert_eq!(page(port, "/version").as_deref(), Some("2"));
    assert_eq!(stack.id("cache"), cache);
    let extra = stack.id("extra");

    stack.write(".env", &env(3));
    stack.backstay(&["deploy"]).ends(0);
    assert_eq!(page(port, "/version").as_deref(), Some("3"));
    assert_ne!(stack.id("extra"), extra, "its image has the version in it");

    stack.backstay(&["rollback", "--yes"]).ends(0);
    assert_eq!(page(port, "/version").as_deref(), Some("2"));
    assert_eq!((stack.read(".env"), stack.read("docker-compose.yml")), (env(2), second));
    stack.backstay(&["rollback", "--yes"]).ends(0);
    assert_eq!(page(port, "/version").as_deref(), Some("1"));
    assert_eq!((stack.read(".env"), stack.read("docker-compose.yml")), (env(1), first));
    assert_eq!(stack.id("cache"), cache);
    assert!(!stack.picture().containers.iter().any(|line| line.starts_with("extra ")));
    assert!(stack.leftovers().is_empty());
    let up = stack.compose(&["up", "-d", "--no-build"]);
    assert!(!up.contains("Recreate"), "{up}");
}

#[test]
fn a_release_comes_back_after_its_images_were_pruned() {
    let Some(stack) = Stack::new("prune") else { return };
    let port = port();
    stack.mode("one", "ok").write(".env", "VERSION=1\n").compose_file(&web("one", port));
    stack.backstay(&["deploy"]).ends(0);
    let tag = format!("{}-one", stack.project);
    let old = lines(&["images", "-q", "--no-trunc", &tag]);
    stack.write(".env", "VERSION=2\n");
    stack.backstay(&["deploy"]).ends(0);
    lines(&["rmi", &old[0]]);
    stack.backstay(&["rollback", "--yes"]).ends(0);
    assert_eq!(page(port, "/version").as_deref(), Some("1"));
    assert_eq!(lines(&["images", "-q", "--no-trunc", &tag]), old);
}

#[test]
fn a_rollback_that_fails_is_undone_itself() {
    let Some(stack) = Stack::new("undone") else { return };
    let port = port();
    stack.mode("one", "slow-start:4000").write(".env", "VERSION=1\n");
    stack.compose_file(&web("one", port).replace("start_period: 1s", "start_period: 20s"));
    stack.backstay(&["deploy"]).ends(0);
    stack.mode("one", "ok").write(".env", "VERSION=2\n");
    stack.backstay(&["deploy"]).ends(0);
    let before = stack.picture();
    // The old release is too slow to be proven in this time.
    stack.backstay(&["rollback", "--yes", "--wait-timeout", "2"]).ends(10);
    assert_eq!(stack.picture(), before);
    assert_eq!(page(port, "/version").as_deref(), Some("2"));
}
