//! What the control socket says.

use crate::support::client::get;
use crate::support::gateway::program;
use crate::support::{Control, Gateway, Routes, server, until};
use backstay_routes::{Answer, Found, RefusalKind, Request};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_changes_nothing() {
    let server = server::http("one").start().await;
    let mut routes = Routes::to(&[&server]);
    routes.generation = 5;
    let (gateway, mut control) = Gateway::with(&routes).await;
    let refusal = control.refused(Request::Apply { snapshot: routes.snapshot() }).await;
    assert_eq!(refusal.kind, RefusalKind::Stale, "{refusal}");

    // A port that somebody else has.
    let other = std::net::TcpListener::bind("0.0.0.0:0").unwrap();
    let mut more = routes.now_to(&[]).snapshot();
    let mut listener = more.listeners[0].clone();
    listener.port = other.local_addr().unwrap().port();
    more.listeners.push(listener);
    let refusal = control.refused(Request::Apply { snapshot: more.clone() }).await;
    assert_eq!(refusal.kind, RefusalKind::Bind, "{refusal}");
    assert!(refusal.message.contains(&other.local_addr().unwrap().port().to_string()));

    more.listeners[1].routes[0].service = "web".into();
    let refusal = control.refused(Request::Apply { snapshot: more }).await;
    assert_eq!(refusal.kind, RefusalKind::Invalid, "{refusal}");

    let newer = br#"{"id":9,"op":"apply","snapshot":{"format":2}}"#;
    assert!(control.send(newer).await);
    let reply = control.receive().await.unwrap();
    assert_eq!(reply.id, Some(9));
    assert!(matches!(reply.answer, Answer::Refused(r) if r.kind == RefusalKind::Format));

    assert_eq!(get(routes.port, "/").await.body, "one");
    assert_eq!(gateway.status().await.generation, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_reaches_the_socket_or_reads_the_routes() {
    let server = server::http("one").start().await;
    let (gateway, _control) = Gateway::with(&Routes::to(&[&server])).await;
    let mode = |name: &str| {
        let path = gateway.state.path().join(name);
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    };
    assert_eq!((mode(""), mode("control.sock"), mode("routes.json")), (0o700, 0o600, 0o600));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_in_no_route_any_more_is_closed() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (_gateway, mut control) = Gateway::with(&routes).await;
    let mut other = routes.now_to(&[&server]);
    other.port = crate::support::gateway::free_port();
    control.apply(&other).await;
    assert_eq!(get(other.port, "/").await.body, "one");
    until("the old port is closed", || async {
        tokio::net::TcpStream::connect(("127.0.0.1", routes.port)).await.is_err()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_is_counted() {
    let server = server::http("one")
        .route("/bad", |_, _| async {
            let mut response = server::text("bad");
            *response.status_mut() = hyper::StatusCode::NOT_FOUND;
            response
        })
        .start()
        .await;
    let routes = Routes::to(&[&server]);
    let (_gateway, mut control) = Gateway::with(&routes).await;
    for _ in 0..3 {
        get(routes.port, "/").await;
    }
    get(routes.port, "/bad").await;
    let app = control.app_when(|app| app.counters.requests == 4).await;
    let status = control.status().await;
    assert_eq!((app.counters.requests, app.counters.statuses.success), (4, 3));
    assert_eq!(app.counters.statuses.client_error, 1);
    assert_eq!(app.counters.errors.total(), 0);
    assert!(app.counters.p50_us > 0 && app.counters.p50_us <= app.counters.p99_us);
    assert_eq!(app.targets[0].release, "release-one");
    assert_eq!(status.listeners[0].accepted, 4);
    let Answer::Metrics { text } = control.ask(Request::Metrics).await else { panic!() };
    let line = "backstay_gateway_responses_total{service=\"app\",target=\"name-one\",id=\"one\",release=\"release-one\",class=\"2xx\"} 3";
    assert!(text.lines().any(|one| one == line), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_is_a_way_to_the_socket() {
    let gateway = Gateway::start().await;
    let state = gateway.state.path();
    let run = |verb: &str, input: &str| {
        let mut command = Command::new(program());
        command.arg(verb).arg("--state").arg(state);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, answers) = run("ctl", "{\"id\":1,\"op\":\"ping\"}\n{\"id\":2,\"op\":\"fly\"}\n");
    assert_eq!(code, Some(0));
    let answers: Vec<&str> = answers.lines().collect();
    assert!(answers[0].starts_with(r#"{"id":1,"answer":"pong""#), "{answers:?}");
    assert!(answers[1].contains("malformed"), "{answers:?}");
    assert_eq!(run("healthcheck", "").0, Some(0));
    std::fs::remove_file(gateway.socket()).unwrap();
    assert_eq!(run("healthcheck", "").0, Some(1));
    assert_eq!(run("fly", "").0, Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_found_where_the_routes_lead_is_told_and_not_counted() {
    let server = server::http("one").start().await;
    let routes = Routes::to(&[&server]);
    let (_gateway, mut control) = Gateway::with(&routes).await;
    assert_eq!(found(&mut control).await, [Found::Accepts]);

    let mut elsewhere = routes.now_to(&[&server]);
    elsewhere.to = crate::support::gateway::free_port();
    control.apply(&elsewhere).await;
    assert_eq!(found(&mut control).await, [Found::Refuses]);

    // One whose queue is full: nothing comes back.
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&std::net::SocketAddr::new(server.address.ip(), 0).into()).unwrap();
    socket.listen(0).unwrap();
    let full = socket.local_addr().unwrap().as_socket().unwrap();
    let _queue: Vec<_> = (0..3)
        .map(|_| {
            let one = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None);
            let one = one.unwrap();
            one.set_nonblocking(true).unwrap();
            let _ = one.connect(&full.into());
            one
        })
        .collect();
    elsewhere = Routes { to: full.port(), ..elsewhere.now_to(&[&server]) };
    control.apply(&elsewhere).await;
    assert_eq!(found(&mut control).await, [Found::Silent]);
    assert_eq!(control.status().await.services["app"].counters.requests, 0);
}

async fn found(control: &mut Control) -> Vec<Found> {
    match control.ask(Request::Reach).await {
        Answer::Reached { ways } => ways.into_iter().map(|way| way.found).collect(),
        other => panic!("{other:?}"),
    }
}
