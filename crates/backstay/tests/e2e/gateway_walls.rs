//! Networks whose containers don't reach each other: a gateway there would hold a port that nobody answers.

use crate::gateway::{behind, is_podman_here, unnoticed};
use crate::harness::{Stack, forwarding, page, port, web};

/// The reason that is told.
const WHY: &str = "The gateway can't reach its services";

#[test]
fn no_gateway_comes_where_containers_do_not_reach_each_other() {
    if is_podman_here() {
        return;
    }
    let port = port();
    let Some(stack) = Stack::new("gateway-wall") else { return };
    let network = "networks:\n  default:\n    driver_opts: {com.docker.network.bridge.enable_icc: \"false\"}\n";
    stack.mode("one", "ok").write(".env", "VERSION=1\n");
    stack.compose_file(&(web("one", port) + network));
    stack.backstay(&["deploy"]).ends(0);
    let before = stack.picture();
    unnoticed(&stack, port, &["gateway", "enable", "--yes"]).0.ends(10).says(WHY).says("one");
    assert_eq!(stack.picture(), before);
    assert_eq!(page(port, "/version").as_deref(), Some("1"));
    assert!(stack.leftovers().is_empty(), "{:?}", stack.leftovers());
}

/// A rule that refuses, as many a firewall does, whatever containers of one network send each other.
struct Wall(String);

impl Wall {
    fn rule(bridge: &str, how: &str) -> bool {
        forwarding(how, &["-i", bridge, "-o", bridge, "-p", "tcp", "-j", "REJECT"])
    }
}

impl Drop for Wall {
    fn drop(&mut self) {
        assert!(Self::rule(&self.0, "-D") || std::thread::panicking(), "the rule is still there");
    }
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_wall_that_has_come_later_is_found_by_the_next_run() {
    let port = port();
    let Some(stack) = behind("gateway-wall-later", port, "") else { return };
    let network = &stack.picture().networks[0];
    let id = stack.lines(&["network", "inspect", "--format", "{{.Id}}", network]).remove(0);
    let bridge = format!("br-{}", &id[..12]);
    if !Wall::rule(&bridge, "-I") {
        eprintln!("not run: this machine takes no rules");
        return;
    }
    let wall = Wall(bridge);
    assert_ne!(page(port, "/version").as_deref(), Some("1"), "the rule has no effect");
    let before = stack.picture();
    stack.write(".env", "VERSION=2\n");
    stack.backstay(&["deploy"]).ends(10).says(WHY);
    stack.write(".env", "VERSION=1\n");
    assert_eq!(stack.picture(), before);
    drop(wall);
    assert_eq!(page(port, "/version").as_deref(), Some("1"));
    stack.write(".env", "VERSION=2\n");
    unnoticed(&stack, port, &["deploy"]).0.ends(0);
    assert_eq!(page(port, "/version").as_deref(), Some("2"));
}
