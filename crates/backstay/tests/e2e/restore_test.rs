//! `backups verify --restore`: a release is proven to come up, beside the stack and without its noticing.

use crate::harness::{Stack, page, port, web};

const CONFIG: &str = "    volumes: [\"./one.conf:/etc/one.conf:ro\", \"data:/data\"]\n";

fn beside(stack: &Stack) -> Vec<String> {
    let label = format!("label=com.docker.compose.project={}-backstay-restore-test", stack.project);
    let mut found = stack.lines(&["ps", "-aq", "--filter", &label]);
    found.extend(stack.lines(&["volume", "ls", "-q", "--filter", &label]));
    found.extend(stack.lines(&["network", "ls", "-q", "--filter", &label]));
    found.extend(stack.lines(&["images", "-q", "backstay-restore/*"]));
    found
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_release_comes_up_beside_the_stack_and_goes_again() {
    let Some(stack) = Stack::new("rt") else { return };
    let port = port();
    stack.mode("one", "ok").write("one.conf", "v1\n");
    let services = format!("{}{CONFIG}volumes: {{data: {{}}}}\n", web("one", port));
    stack.compose_file(&services);
    stack.backstay(&["backups", "verify", "--restore"]).ends(7);
    for version in ["1", "2"] {
        stack.write(".env", &format!("VERSION={version}\n"));
        stack.backstay(&["deploy"]).ends(0);
        // One that is alone is the one that is tested.
        stack.backstay(&["backups", "verify", "--restore"]).ends(0).says("release r1");
    }
    stack.write("one.conf", "v3\n").mode("one", "unhealthy");
    let (before, id) = (stack.picture(), stack.id("one"));
    stack.backstay(&["backups", "verify", "--restore", "current"]).ends(0).says("release r2");
    stack.backstay(&["backups", "verify", "--restore", "1"]).ends(0).says("were ready: 1;");
    assert_eq!(stack.picture(), before);
    assert_eq!(stack.id("one"), id);
    assert_eq!(page(port, "/version").as_deref(), Some("2"));
    assert_eq!(beside(&stack), [] as [String; 0]);
    let label = format!("label=com.docker.compose.project={}", stack.project);
    assert_eq!(stack.lines(&["volume", "ls", "-q", "--filter", &label]).len(), 1);
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_release_that_does_not_come_up_is_told() {
    let Some(stack) = Stack::new("rt-bad") else { return };
    let port = port();
    // What it needs is in its data, and a test has none.
    std::fs::create_dir(stack.path().join("data")).unwrap();
    stack.write("data/schema", "2\n").mode("one", "schema:2");
    stack.compose_file(&format!("{}    volumes: [\"./data:/data\"]\n", web("one", port)));
    stack.backstay(&["deploy"]).ends(0);
    let id = stack.id("one");
    stack
        .backstay(&["backups", "verify", "--restore", "current"])
        .ends(7)
        .says("did not come up")
        .says("What runs was not touched");
    assert_eq!(stack.id("one"), id);
    assert_eq!(beside(&stack), [] as [String; 0]);
}
