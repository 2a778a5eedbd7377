//! Its own upgrade.

use crate::support::client::{Keep, Two, echo, get, web_socket};
use crate::support::gateway::program;
use crate::support::load::Load;
use crate::support::{Gateway, Routes, server, until};
use backstay_routes::{Answer, Drained, RefusalKind};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A copy of the program that is not the same, byte by byte.
fn another(gateway: &Gateway, name: &str) -> PathBuf {
    let folder = gateway.state.path().join("bin");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    let mut bytes = std::fs::read(program()).unwrap();
    bytes.extend(name.as_bytes());
    std::fs::write(&path, bytes).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    path
}

/// Waits until the supervisor is this program, for good.
async fn becomes(gateway: &Gateway, binary: &Path) {
    let remembered = gateway.state.path().join("binary.json");
    until("the supervisor is another", || async {
        let text = std::fs::read_to_string(&remembered).unwrap_or_default();
        running(gateway.supervisor()) == binary && text.contains("\"trial\":false")
    })
    .await;
}

fn running(pid: u32) -> PathBuf {
    std::fs::read_link(format!("/proc/{pid}/exe")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_upgrades_under_load_fail_nobody() {
    let server = server::http("one").start().await;
    let mut routes = Routes::to(&[&server]);
    // Longer than all of it takes on a busy machine.
    routes.stream_drain = 300;
    let (gateway, _control) = Gateway::with(&routes).await;
    let loads = [Load::new_connections(routes.port, 3), Load::kept(routes.port, 3)];
    let socket = Load::web_socket(routes.port);
    for _ in 0..15 {
        let before = gateway.worker().await;
        for load in &loads {
            load.more(10).await;
        }
        let answer = gateway.control().await.upgrade(None).await;
        let Answer::Upgraded { pid, .. } = answer else { panic!("{answer:?}") };
        assert_ne!(pid, before);
        assert_eq!(gateway.worker().await, pid);
    }
    for load in loads {
        load.more(50).await;
        assert_eq!(load.end().await.failed, Vec::<String>::new());
    }
    // It began in the first worker, and goes on there.
    socket.more(5).await;
    assert_eq!(socket.end().await.failed, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_supervisor_becomes_the_new_program_too() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (mut gateway, _control) = Gateway::with(&routes).await;
    let load = Load::kept(routes.port, 2);
    for name in ["two", "three"] {
        let binary = another(&gateway, name);
        let answer = gateway.control().await.upgrade(Some(&binary)).await;
        assert!(matches!(answer, Answer::Upgraded { .. }), "{answer:?}");
        becomes(&gateway, &binary).await;
        assert_eq!(running(gateway.worker().await), binary);
        load.more(20).await;
        // It still hears of its worker's end.
        Gateway::signal(gateway.worker().await, "KILL");
        assert_eq!(get(routes.port, "/").await.body, "one");
    }
    drop(load);
    // And it is the one that comes back.
    gateway.power_cycle().await;
    let binary = gateway.state.path().join("bin/three");
    becomes(&gateway, &binary).await;
    assert_eq!(get(routes.port, "/").await.body, "one");
    assert!(gateway.stop().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_that_fails_changes_nothing() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (gateway, _control) = Gateway::with(&routes).await;
    let worker = gateway.worker().await;
    let load = Load::kept(routes.port, 2);
    let script = |name: &str, text: &str| {
        let path = gateway.state.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
        path
    };
    let not_there = gateway.state.path().join("nothing");
    let ends = script("ends", "#!/bin/sh\nexit 3\n");
    let text = script("text", "no program");
    for binary in [not_there, ends, text] {
        let answer = gateway.control().await.upgrade(Some(&binary)).await;
        let Answer::Refused(refusal) = answer else { panic!("{answer:?}") };
        assert_eq!(refusal.kind, RefusalKind::Upgrade, "{refusal}");
    }
    load.more(20).await;
    assert_eq!(load.end().await.failed, Vec::<String>::new());
    assert_eq!(gateway.worker().await, worker);
    // Routes and holds are taken as before.
    let mut control = gateway.control().await;
    control.hold(1, 1000, 1000).await;
    control.open().await;
    control.apply(&routes.now_to(&[&server])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_says_nothing_is_given_up() {
    let gateway = Gateway::start().await;
    let path = gateway.state.path().join("silent");
    std::fs::write(&path, "#!/bin/sh\nexec sleep 60\n").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    let answer = gateway.control().await.upgrade(Some(&path)).await;
    assert!(matches!(answer, Answer::Refused(r) if r.kind == RefusalKind::Upgrade));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remembered_program_that_does_not_start_is_forgotten() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (mut gateway, _control) = Gateway::with(&routes).await;
    let binary = another(&gateway, "two");
    gateway.control().await.upgrade(Some(&binary)).await;
    becomes(&gateway, &binary).await;
    Gateway::signal(gateway.supervisor(), "TERM");
    gateway.ended().await;
    std::fs::write(&binary, "#!/bin/sh\nexit 3\n").unwrap();
    let state = std::mem::replace(&mut gateway.state, tempfile::TempDir::new().unwrap());
    let gateway = Gateway::start_in(state).await;
    assert_eq!(running(gateway.worker().await), program());
    assert_eq!(get(routes.port, "/").await.body, "one");
    assert!(!gateway.state.path().join("binary.json").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_retires_hears_of_new_routes_and_of_holds() {
    let old = server::http("old").start().await;
    let new = server::http("new").beside(&old).await;
    let routes = Routes::to(&[&old]);
    let (gateway, _control) = Gateway::with(&routes).await;
    let mut kept = Keep::connect(routes.port).await;
    assert_eq!(kept.get("/").await.body, "old");
    let mut socket = web_socket(routes.port).await;
    assert!(matches!(gateway.control().await.upgrade(None).await, Answer::Upgraded { .. }));

    let mut control = gateway.control().await;
    control.hold(10, 10_000, 10_000).await;
    let waits = tokio::spawn(async move { (kept.get("/").await, kept) });
    assert_eq!(old.requests(), 2);
    control.apply(&routes.now_to(&[&new])).await;
    control.open().await;
    let (answer, kept) = waits.await.unwrap();
    // The connection's last answer: the client was not surprised by its end.
    assert_eq!(
        (answer.body.as_str(), &answer.headers["connection"]),
        ("new", &"close".parse().unwrap())
    );
    until("the connection is closed", || async { !kept.is_open() }).await;

    // The WebSocket is still under way to the old container, though the worker that serves knows nothing of it.
    echo(&mut socket, "there").await.unwrap();
    let drained = control.drain("old", 200).await;
    assert_eq!(drained, Drained { left_requests: 0, left_streams: 0, cut: 1 });
    until("the old worker ends", || async { gateway.status().await.retiring == 0 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_of_http_2_is_told_to_go_and_loses_nothing() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (gateway, _control) = Gateway::with(&routes).await;
    let mut client = Two::connect(routes.port).await;
    let held = client.get("/held");
    let upgrade = async {
        until("the request is there", || async { server.requests() == 1 }).await;
        gateway.control().await.upgrade(None).await;
        server.let_go(1);
    };
    let (held, ()) = tokio::join!(held, upgrade);
    assert_eq!(held.unwrap().body, "held");
    until("the connection is closed", || async { client.0.is_closed() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_no_upgrade_while_a_service_is_held() {
    let server = server::http("one").start().await;
    let (gateway, mut control) = Gateway::with(&Routes::to(&[&server])).await;
    control.hold(10, 10_000, 10_000).await;
    let answer = gateway.control().await.upgrade(None).await;
    assert!(matches!(answer, Answer::Refused(refusal) if refusal.kind == RefusalKind::Busy));
}
