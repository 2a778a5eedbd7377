//! Images: built one from another, for one platform, the same content under another id, pinned by a digest, gone from the
//! engine.

use crate::harness::{CHECK, Stack, page, port};

/// A base image for several platforms that another service begins from; both know the version.
fn based(stack: &Stack, port: u16) -> String {
    let base = format!("{}-base:1", stack.project);
    format!(
        "  base:\n    image: {base}\n    scale: 0\n    build:\n      context: .\n      \
         platforms: [linux/amd64, linux/arm64]\n      args: {{VERSION: \"${{VERSION:-1}}\"}}\n      dockerfile_inline: |\n        \
         FROM scratch\n        COPY demo-server /demo-server\n        ARG VERSION\n        ENV VERSION=$$VERSION SERVICE=app\n  \
         app:\n    build: {{context: ., dockerfile_inline: \"ARG BASE={base}\\nFROM $$BASE\\nCOPY app.mode /demo.mode\\nENTRYPOINT [\\\"/demo-server\\\"]\"}}\n    \
         restart: unless-stopped\n    ports: [\"{port}:8080\"]\n    \
         {CHECK}\n    \
         stop_grace_period: 3s\n    deploy: {{update_config: {{monitor: 1s}}}}\n"
    )
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_base_of_the_stack_arrives_at_once_and_the_same_content_replaces_nothing() {
    let Some(stack) = Stack::new("base") else { return };
    let port = port();
    stack.mode("app", "ok").write(".env", "VERSION=1\n").compose_file(&based(&stack, port));
    stack.backstay(&["deploy"]).ends(0);
    assert_eq!(page(port, "/version").as_deref(), Some("1"));
    stack.write(".env", "VERSION=2\n");
    // What the cache has may come from a file of another time, which is part of a layer.
    stack.backstay(&["deploy", "--no-cache"]).ends(0);
    assert_eq!(page(port, "/version").as_deref(), Some("2"));

    // Built once more, from nothing: other ids and times, and the same files.
    let id = stack.id("app");
    let tag = |stack: &Stack| {
        let name = format!("{}-app:latest ", stack.project);
        stack.picture().tags.into_iter().find(|tag| tag.starts_with(&name))
    };
    let before = tag(&stack);
    stack.backstay(&["deploy", "--no-cache"]).ends(0).says("nothing has to change");
    assert_eq!(stack.id("app"), id);
    assert_eq!(tag(&stack), before);
    let builds = format!("backstay-build/{}", stack.project);
    assert!(!stack.picture().tags.iter().any(|tag| tag.starts_with(&builds)));
    stack.backstay(&["status"]).ends(0).says("What runs is what was released");
    stack.compose(&["up", "-d"]);
    assert_eq!(stack.id("app"), id, "Compose finds nothing to do either");

    stack.backstay(&["rollback", "--yes"]).ends(0);
    assert_eq!(page(port, "/version").as_deref(), Some("1"));
}

#[test]
fn without_a_build_and_without_an_image_to_pull_it_is_said() {
    let Some(stack) = Stack::new("nopull") else { return };
    let port = port();
    stack.mode("app", "ok").write(".env", "VERSION=1\n").compose_file(&based(&stack, port));
    stack.backstay(&["deploy"]).ends(0);
    let text =
        based(&stack, port).replace("    scale: 0\n", "    scale: 0\n    pull_policy: never\n");
    stack.compose_file(&text);
    let run = stack.backstay(&["deploy", "--no-build", "--pull"]).ends(0);
    run.says("Nothing to pull for app").says("Nothing to pull for base");
    assert_eq!(page(port, "/version").as_deref(), Some("1"));
}
