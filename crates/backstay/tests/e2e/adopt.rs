//! A stack that already runs under plain Compose.

use crate::harness::{Stack, page, port, web};

#[test]
fn the_first_deploy_is_an_update_that_can_be_undone() {
    let Some(stack) = Stack::new("adopt") else { return };
    let ports = [port(), port()];
    stack.mode("one", "ok").mode("two", "ok").write(".env", "VERSION=1\n");
    let two = web("two", ports[1]).replace("${VERSION:-1}", "1");
    stack.compose_file(&(web("one", ports[0]) + &two));
    stack.compose(&["up", "-d", "--build", "--wait"]);
    let untouched = stack.id("two");

    stack.write(".env", "VERSION=2\n").mode("one", "exit:1");
    let before = stack.picture();
    stack.backstay(&["deploy"]).ends(10);
    assert_eq!(stack.picture(), before);

    stack.mode("one", "ok");
    stack.backstay(&["deploy"]).ends(0);
    assert_eq!(page(ports[0], "/version").as_deref(), Some("2"));
    assert_eq!(stack.id("two"), untouched);

    stack.backstay(&["rollback", "--yes"]).ends(0);
    assert_eq!(page(ports[0], "/version").as_deref(), Some("1"));
    assert_eq!(stack.id("two"), untouched);
    assert!(stack.leftovers().is_empty());
}
