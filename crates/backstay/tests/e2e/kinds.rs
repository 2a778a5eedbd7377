//! Services that are special: names, networks, files and namespaces of their own.

use crate::harness::{Stack, inner, lines, page, port, web};

/// Deploys `services`, lets `change` edit the stack, deploys again; says which services kept their containers.
fn redeployed(stack: &Stack, services: &[&str], change: impl FnOnce()) -> Vec<bool> {
    stack.backstay(&["deploy"]).ends(0);
    let before: Vec<String> = services.iter().map(|name| stack.id(name)).collect();
    change();
    stack.backstay(&["deploy"]).ends(0);
    assert!(stack.leftovers().is_empty(), "{:?}", stack.leftovers());
    let up = stack.compose(&["up", "-d", "--no-build"]);
    assert!(!up.contains("Recreate") && !up.contains("Creating"), "{up}");
    services.iter().zip(before).map(|(name, id)| stack.id(name) == id).collect()
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn the_content_of_a_config_or_a_mounted_file_replaces_only_who_uses_it() {
    let Some(stack) = Stack::new("config") else { return };
    let tail = |text: &str| format!("configs: {{greeting: {{content: \"{text}\"}}}}\n");
    let one = inner("one") + "    configs: [{source: greeting, target: /greeting}]\n";
    let two = inner("two") + "    volumes: [\"./two.conf:/two.conf:ro\"]\n";
    let services = one + &two + &inner("three");
    stack.mode("one", "ok").mode("two", "ok").mode("three", "ok").write("two.conf", "a\n");
    stack.compose_file(&(services.clone() + &tail("hello")));
    let names = ["one", "two", "three"];
    let kept = redeployed(&stack, &names, || {
        stack.compose_file(&(services.clone() + &tail("goodbye")));
    });
    assert_eq!(kept, [false, true, true]);
    let kept = redeployed(&stack, &names, || {
        stack.write("two.conf", "b\n");
    });
    assert_eq!(kept, [true, false, true]);
    let copy = stack.path().join("greeting.out");
    lines(&["cp", &format!("{}:/greeting", stack.id("one")), copy.to_str().unwrap()]);
    assert_eq!(stack.read("greeting.out"), "goodbye");
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_container_name_and_networks_with_aliases_are_what_they_were() {
    let Some(stack) = Stack::new("names") else { return };
    let port = port();
    let name = format!("{}-own", stack.project);
    let front = web("front", port).replace("VERSION: \"${VERSION:-1}\"", "VERSION: \"1\"")
        + "    environment: {UPSTREAM: \"http://inside:8080/version\"}\n    networks: [a]\n";
    let back = inner("back")
        + &format!(
            "    container_name: {name}\n    networks: {{a: {{aliases: [inside]}}, b: {{}}}}\n"
        );
    stack.mode("front", "ok").mode("back", "ok").write(".env", "VERSION=1\n");
    stack.compose_file(&(front + &back + "networks: {a: {}, b: {}}\n"));
    let kept = redeployed(&stack, &["front", "back"], || {
        stack.write(".env", "VERSION=2\n");
    });
    assert_eq!(kept, [true, false]);
    assert_eq!(page(port, "/via").as_deref(), Some("2"));
    assert_eq!(lines(&["inspect", "-f", "{{.Name}}", &stack.id("back")]), [format!("/{name}")]);
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_service_in_anothers_network_follows_it() {
    let Some(stack) = Stack::new("borrow") else { return };
    let port = port();
    let side = inner("side").replace("VERSION: \"${VERSION:-1}\"", "VERSION: \"1\"")
        + "    network_mode: service:main\n    environment: {PORT: \"8081\"}\n";
    let main =
        web("main", port).replace("[\"", &format!("[\"{}:8081\", \"", crate::harness::port()));
    stack.mode("main", "ok").mode("side", "ok").write(".env", "VERSION=1\n");
    stack.compose_file(&(main + &side));
    let kept = redeployed(&stack, &["main", "side"], || {
        stack.write(".env", "VERSION=2\n");
    });
    assert_eq!(kept, [false, false]);
    assert_eq!(page(port, "/version").as_deref(), Some("2"));
    stack.write(".env", "VERSION=3\n").mode("main", "exit:1");
    let before = stack.picture();
    stack.backstay(&["deploy"]).ends(10);
    assert_eq!(stack.picture(), before);
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_service_on_the_hosts_network_is_replaced_and_comes_back_when_it_fails() {
    let Some(stack) = Stack::new("host") else { return };
    let port = port();
    let service =
        inner("web") + &format!("    network_mode: host\n    environment: {{PORT: \"{port}\"}}\n");
    stack.mode("web", "ok").write(".env", "VERSION=1\n").compose_file(&service);
    let kept = redeployed(&stack, &["web"], || {
        stack.write(".env", "VERSION=2\n");
    });
    assert_eq!(kept, [false]);
    assert_eq!(page(port, "/version").as_deref(), Some("2"));
    stack.mode("web", "exit:1");
    let before = stack.picture();
    stack.backstay(&["deploy"]).ends(10);
    assert_eq!(stack.picture(), before);
    assert_eq!(page(port, "/version").as_deref(), Some("2"));
}

#[test]
fn two_services_trade_their_ports() {
    let Some(stack) = Stack::new("trade") else { return };
    let ports = [port(), port()];
    stack.mode("one", "ok").mode("two", "ok");
    stack.compose_file(&(web("one", ports[0]) + &web("two", ports[1])));
    let kept = redeployed(&stack, &["one", "two"], || {
        stack.compose_file(&(web("one", ports[1]) + &web("two", ports[0])));
    });
    assert_eq!(kept, [false, false]);
    assert!(page(ports[1], "/").unwrap().starts_with("one "));
    assert!(page(ports[0], "/").unwrap().starts_with("two "));
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn services_of_an_inactive_profile_are_left_alone() {
    let Some(stack) = Stack::new("profile") else { return };
    let debug = inner("debug") + "    profiles: [debug]\n";
    stack.mode("one", "ok").mode("debug", "ok").write(".env", "VERSION=1\n");
    stack.compose_file(&(inner("one") + &debug));
    stack.backstay(&["deploy"]).ends(0);
    stack.compose(&["--profile", "debug", "up", "-d", "--build", "debug"]);
    let id = stack.id("debug");
    stack.write(".env", "VERSION=2\n");
    stack.backstay(&["deploy"]).ends(0);
    assert_eq!(stack.id("debug"), id);
}
