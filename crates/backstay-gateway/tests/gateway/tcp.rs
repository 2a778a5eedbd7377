//! Bytes.

use crate::support::client::{connect, echo, get, read, read_all, send_raw};
use crate::support::{Gateway, Routes, server};
use backstay_routes::{Mode, Route};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test(flavor = "multi_thread")]
async fn each_side_can_end_without_the_other() {
    // Answers only when the client has said all.
    let server = server::tcp("one", |mut stream| async move {
        let mut all = String::new();
        stream.read_to_string(&mut all).await.unwrap();
        stream.write_all(format!("you said {all}").as_bytes()).await.unwrap();
    })
    .await;
    let routes = Routes::to(&[&server]).mode(Mode::Tcp);
    let (_gateway, _control) = Gateway::with(&routes).await;
    let mut client = send_raw(routes.port, b"hello").await;
    client.shutdown().await.unwrap();
    assert_eq!(read_all(&mut client).await, "you said hello");
}

#[tokio::test(flavor = "multi_thread")]
async fn much_passes_unchanged_in_both_directions() {
    let server = server::tcp("one", |stream| server::greet_and_echo(stream, "")).await;
    let routes = Routes::to(&[&server]).mode(Mode::Tcp);
    let (_gateway, mut control) = Gateway::with(&routes).await;
    let sent: Vec<u8> = (0..4_000_000_u32).map(|n| (n % 251) as u8).collect();
    let (mut read_half, mut write_half) = connect(routes.port).await.unwrap().into_split();
    let copy = sent.clone();
    let writer = tokio::spawn(async move {
        write_half.write_all(&copy).await.unwrap();
        write_half
    });
    let mut heard = vec![0; sent.len()];
    read_half.read_exact(&mut heard).await.unwrap();
    assert!(heard == sent);
    drop((writer.await.unwrap(), read_half));
    let counters = control.app_when(|app| app.counters.bytes_in == 4_000_000).await.counters;
    assert_eq!((counters.streams, counters.bytes_in), (1, 4_000_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_hears_of_the_client_where_it_wants_to() {
    let server = server::tcp("one", |mut stream| async move {
        let mut header = [0; 28];
        stream.read_exact(&mut header).await.unwrap();
        let port = u16::from_be_bytes([header[24], header[25]]);
        stream.write_all(format!("{:?} {port}", &header[12..20]).as_bytes()).await.unwrap();
    })
    .await;
    let mut routes = Routes::to(&[&server]).mode(Mode::Tcp);
    routes.proxy_protocol = true;
    let (_gateway, _control) = Gateway::with(&routes).await;
    let mut client = connect(routes.port).await.unwrap();
    let own = client.local_addr().unwrap().port();
    assert_eq!(read_all(&mut client).await, format!("[33, 17, 0, 12, 127, 0, 0, 1] {own}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn networks_stay_apart() {
    let one = server::http("one").start().await;
    let two = server::http("two").beside(&one).await;
    let routes = Routes::to(&[&one]);
    let mut snapshot = routes.snapshot();
    let mut other = snapshot.services["app"].clone();
    other.targets = routes.now_to(&[&two]).targets;
    snapshot.services.insert("other".into(), other);
    snapshot.listeners[0].routes = vec![
        Route {
            subnets: vec!["127.0.1.0/24".parse().unwrap()],
            service: "app".into(),
            to: routes.to,
        },
        Route {
            subnets: vec!["127.0.2.0/24".parse().unwrap()],
            service: "other".into(),
            to: routes.to,
        },
    ];
    let gateway = Gateway::start().await;
    let mut control = gateway.control().await;
    control.ask(backstay_routes::Request::Apply { snapshot }).await;
    let ask = |address: &'static str| async move {
        let mut client = tokio::net::TcpStream::connect((address, routes.port)).await.unwrap();
        let head = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        let _ = client.write_all(head).await;
        read_all(&mut client).await
    };
    assert!(ask("127.0.1.9").await.ends_with("one"));
    assert!(ask("127.0.2.9").await.ends_with("two"));
    assert_eq!(ask("127.0.3.9").await, "");
    assert_eq!(control.status().await.listeners[0].no_route, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_stay_open_through_a_switch_of_others() {
    let server = server::tcp("one", |stream| server::greet_and_echo(stream, "hi")).await;
    let routes = Routes::to(&[&server]).mode(Mode::Tcp);
    let (_gateway, mut control) = Gateway::with(&routes).await;
    let mut clients = Vec::new();
    for _ in 0..200 {
        let mut client = connect(routes.port).await.unwrap();
        assert_eq!(read(&mut client, 2).await.unwrap(), "hi");
        clients.push(client);
    }
    let other = server::http("two").beside(&server).await;
    control.apply(&routes.now_to(&[&other])).await;
    for client in &mut clients {
        echo(client, "still there").await.unwrap();
    }
    assert_eq!(get(routes.port, "/").await.body, "two");
}
