//! How a service is replaced, and why not more smoothly.

use backstay_core::engine::Status;
use backstay_core::plan::{Action, Change, Manner, Method, Why};

use crate::stacks::{DEPLOY, World, change};

const NO_REHEARSAL: Manner = Manner { rehearsal: false, rollback: false };
const ROLLBACK: Manner = Manner { rehearsal: true, rollback: true };

/// The change of `x`, a running service with this body, when its definition has changed.
fn replaced(body: &str, manner: Manner) -> Change {
    change(&stack(body).plan_with(manner), "x").clone()
}

fn stack(body: &str) -> World {
    let yaml = format!(
        "services:\n  lender: {{image: l}}\n  x: {{{body}}}\nnetworks: {{front: {{name: front}}}}"
    );
    World::up(&yaml).new_definition("x")
}

/// The change of `x` where none runs yet.
fn added(body: &str, manner: Manner) -> Change {
    let mut world = stack(body);
    world.running.containers.retain(|container| container.service != "x");
    let change = change(&world.plan_with(manner), "x").clone();
    assert_eq!(change.action, Action::Add);
    change
}

fn port(port: &str) -> Why {
    Why::HostPort { port: port.to_owned() }
}

fn expect(body: &str, method: Method, why: &[Why]) {
    let change = replaced(body, DEPLOY);
    assert_eq!((change.method, change.why.as_slice()), (method, why), "{body}");
}

#[test]
fn an_application_service_without_a_claim_goes_side_by_side() {
    expect("build: {context: /x}", Method::Beside, &[]);
    expect("build: {context: /x}, container_name: the-one", Method::Beside, &[]);
    expect("build: {context: /x}, ports: [{target: 80}]", Method::Beside, &[]);
    expect("build: {context: /x}, network_mode: none", Method::Beside, &[]);
    expect("build: {context: /x}, network_mode: bridge", Method::Beside, &[]);
}

#[test]
fn a_fixed_host_port_is_rehearsed_and_swapped() {
    let body = "build: {context: /x}, ports: [{target: 80, published: \"8080\", protocol: tcp}]";
    expect(body, Method::RehearsedSwap, &[port("8080/tcp")]);
}

#[test]
fn every_blocking_port_is_named_with_its_address_and_protocol() {
    let body = "build: {context: /x}, ports: [{target: 80, published: \"80\", protocol: tcp}, {target: 53, published: \"53\", protocol: udp, host_ip: 127.0.0.1}, {target: 9}]";
    expect(body, Method::RehearsedSwap, &[port("80/tcp"), port("127.0.0.1:53/udp")]);
}

#[test]
fn a_range_of_ports_goes_side_by_side_where_it_holds_old_and_new() {
    let body = |range: &str, replicas: u32| {
        format!(
            "build: {{context: /x}}, scale: {replicas}, ports: [{{target: 80, published: \"{range}\", protocol: tcp}}]"
        )
    };
    expect(&body("8080-8081", 1), Method::Beside, &[]);
    expect(&body("8080-8083", 2), Method::Beside, &[]);
    expect(&body("8080-8082", 2), Method::RehearsedSwap, &[port("8080-8082/tcp")]);
    expect(&body("8080-8081", 2), Method::RehearsedSwap, &[port("8080-8081/tcp")]);
    expect(&body("0-65535", 4), Method::Beside, &[]);
}

#[test]
fn a_backward_range_has_no_room_and_does_no_harm() {
    let body = "build: {context: /x}, ports: [{target: 80, published: \"90-80\", protocol: tcp}]";
    expect(body, Method::RehearsedSwap, &[port("90-80/tcp")]);
}

#[test]
fn the_hosts_network_stops_the_old_one_first() {
    expect("build: {context: /x}, network_mode: host", Method::StopFirst, &[Why::HostNetwork]);
}

#[test]
fn a_borrower_stops_first_and_names_its_lender() {
    let borrows = || [Why::BorrowsFrom { service: "lender".into() }];
    for body in [
        "network_mode: \"service:lender\"",
        "pid: \"service:lender\"",
        "ipc: \"service:lender\"",
        "volumes_from: [\"lender:ro\"]",
        "volumes_from: [lender, \"container:other\"], ipc: \"service:lender\"",
    ] {
        expect(&format!("build: {{context: /x}}, {body}"), Method::StopFirst, &borrows());
    }
}

#[test]
fn a_fixed_address_stops_first_and_names_its_network() {
    let fixed = || [Why::FixedAddress { network: "front".into() }];
    for address in [
        "ipv4_address: 10.0.0.5",
        "ipv6_address: \"fd00::5\"",
        "mac_address: \"02:42:0a:00:00:05\"",
    ] {
        let body = format!("build: {{context: /x}}, networks: {{front: {{{address}}}}}");
        expect(&body, Method::StopFirst, &fixed());
    }
    expect("build: {context: /x}, networks: {front: {aliases: [www]}}", Method::Beside, &[]);
}

#[test]
fn a_mac_address_of_the_service_itself_stops_first() {
    let change = replaced("build: {context: /x}, mac_address: \"02:42:ac:11:00:02\"", DEPLOY);
    assert_eq!(change.method, Method::StopFirst);
}

#[test]
fn what_rules_out_a_second_container_rules_before_the_order() {
    let start_first = "build: {context: /x}, deploy: {update_config: {order: start-first}}";
    expect(&format!("{start_first}, network_mode: host"), Method::StopFirst, &[Why::HostNetwork]);
    let body = "build: {context: /x}, network_mode: host, ports: [{target: 80, published: \"80\", protocol: tcp}]";
    expect(body, Method::StopFirst, &[Why::HostNetwork, port("80/tcp")]);
}

#[test]
fn the_order_is_followed() {
    let order =
        |body: &str, order: &str| format!("{body}, deploy: {{update_config: {{order: {order}}}}}");
    let stop = [Why::OrderStopFirst];
    expect(&order("build: {context: /x}", "stop-first"), Method::StopFirst, &stop);
    expect(&order("image: nginx", "stop-first"), Method::StopFirst, &stop);
    expect(&order("image: postgres", "stop-first"), Method::StopFirst, &stop);
    expect(&order("image: nginx", "start-first"), Method::Beside, &[]);
    expect(&order("image: postgres", "start-first"), Method::Beside, &[]);
    let ports = "image: nginx, ports: [{target: 80, published: \"80\", protocol: tcp}]";
    expect(&order(ports, "start-first"), Method::RehearsedSwap, &[port("80/tcp")]);
    expect(&order(ports, "stop-first"), Method::StopFirst, &stop);
}

#[test]
fn a_service_that_is_pulled_gets_the_same_as_one_that_is_built() {
    expect("image: nginx", Method::Beside, &[]);
    let ports = "image: nginx, ports: [{target: 80, published: \"80\", protocol: tcp}]";
    expect(ports, Method::RehearsedSwap, &[port("80/tcp")]);
}

#[test]
fn a_database_is_known_by_its_image_however_it_is_written() {
    for (reference, name) in [
        ("postgres", "postgres"),
        ("postgres:16", "postgres"),
        ("postgres@sha256:0123", "postgres"),
        ("postgres:16@sha256:0123", "postgres"),
        ("docker.io/library/mysql:8", "mysql"),
        ("registry.local:5000/team/redis", "redis"),
        ("localhost:5000/mongo:7@sha256:0123", "mongo"),
        ("docker.elastic.co/elasticsearch/elasticsearch:8.1", "elasticsearch"),
        ("quay.io/coreos/etcd:v3", "etcd"),
    ] {
        let why = [Why::Database { image: name.into() }];
        expect(&format!("image: \"{reference}\""), Method::StopFirst, &why);
        // One that is built here keeps data just as well.
        expect(&format!("image: \"{reference}\", build: {{context: /x}}"), Method::StopFirst, &why);
    }
}

#[test]
fn what_only_sounds_like_a_database_is_none() {
    for reference in
        ["mongo-express", "redis-commander:1", "postgres.local/web", "mysql:5000/api", "mypostgres"]
    {
        let body = format!("image: \"{reference}\", build: {{context: /x}}");
        expect(&body, Method::Beside, &[]);
    }
}

#[test]
fn a_database_under_its_vendors_name_is_known_where_it_is_pulled() {
    for (reference, name) in [
        ("mcr.microsoft.com/mssql/server:2022-latest", "mssql"),
        ("clickhouse/clickhouse-server:24", "clickhouse"),
        ("timescale/timescaledb-ha:pg16", "timescaledb"),
        ("percona/percona-server:8", "percona"),
        ("confluentinc/cp-kafka:7.6", "kafka"),
    ] {
        expect(
            &format!("image: \"{reference}\""),
            Method::StopFirst,
            &[Why::Database { image: name.into() }],
        );
    }
}

#[test]
fn without_a_rehearsal_a_fixed_port_stops_first_and_says_so() {
    let body = "build: {context: /x}, ports: [{target: 80, published: \"80\", protocol: tcp}]";
    let change = replaced(body, NO_REHEARSAL);
    assert_eq!(change.method, Method::StopFirst);
    assert_eq!(change.why, [port("80/tcp"), Why::NoRehearsal]);
    assert_eq!(replaced("build: {context: /x}", NO_REHEARSAL).method, Method::Beside);
}

#[test]
fn a_swap_that_interrupts_nobody_says_so() {
    let body = "build: {context: /x}, ports: [{target: 80, published: \"80\", protocol: tcp}]";
    for status in [Status::Exited, Status::Restarting] {
        let plan = stack(body).with_status("x", status, 1).plan();
        assert_eq!(change(&plan, "x").method, Method::StopFirst);
        assert_eq!(change(&plan, "x").why, [port("80/tcp"), Why::NotRunning]);
    }
}

#[test]
fn a_rollback_follows_rollback_config_first() {
    let body = |update: &str, rollback: &str| {
        format!(
            "build: {{context: /x}}, deploy: {{update_config: {{{update}}}, rollback_config: {{{rollback}}}}}"
        )
    };
    let method = |body: &str, manner| replaced(body, manner).method;
    let both = body("order: start-first", "order: stop-first");
    assert_eq!(method(&both, DEPLOY), Method::Beside);
    assert_eq!(method(&both, ROLLBACK), Method::StopFirst);
    let other = body("order: stop-first", "order: start-first");
    assert_eq!(method(&other, DEPLOY), Method::StopFirst);
    assert_eq!(method(&other, ROLLBACK), Method::Beside);
    let update_only = body("order: stop-first", "parallelism: 1");
    assert_eq!(method(&update_only, ROLLBACK), Method::StopFirst);
    let rollback_only = body("parallelism: 1", "order: stop-first");
    assert_eq!(method(&rollback_only, DEPLOY), Method::Beside);
}

#[test]
fn what_is_new_starts_at_once_where_it_claims_nothing() {
    for body in ["build: {context: /x}", "image: nginx", "image: postgres"] {
        let change = added(body, DEPLOY);
        assert_eq!((change.method, change.why.len()), (Method::Beside, 0), "{body}");
    }
}

#[test]
fn what_is_new_waits_only_for_a_port_that_another_service_has() {
    let ports = "ports: [{target: 80, published: \"80\", protocol: tcp}]";
    let app = format!("build: {{context: /x}}, {ports}");
    assert_eq!(added(&app, DEPLOY).method, Method::Beside);
    let taken = |body: &str, manner| {
        let yaml = format!("services: {{lender: {{image: l, {ports}}}}}");
        let now = format!("services: {{x: {{{body}}}}}");
        let plan = World::up(&yaml).becomes(&now).plan_with(manner);
        (change(&plan, "x").method, change(&plan, "x").why.clone())
    };
    assert_eq!(taken(&app, DEPLOY), (Method::RehearsedSwap, vec![port("80/tcp")]));
    assert_eq!(taken(&app, NO_REHEARSAL).0, Method::StopFirst);
    // Its twin would write the same data.
    assert_eq!(taken(&format!("image: postgres, {ports}"), DEPLOY).0, Method::StopFirst);
}

#[test]
fn what_is_new_and_blocked_otherwise_is_not_rehearsed() {
    let change = added("build: {context: /x}, network_mode: host", DEPLOY);
    assert_eq!((change.method, change.why), (Method::StopFirst, vec![Why::HostNetwork]));
    let change = added("build: {context: /x}, network_mode: \"service:lender\"", DEPLOY);
    assert_eq!(change.why, [Why::BorrowsFrom { service: "lender".into() }]);
}
